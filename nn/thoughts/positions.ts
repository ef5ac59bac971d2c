import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { RandomStream } from '../../core/contracts/merge.js';
import type { TensorSpecs } from '../../core/contracts/tensor.js';
import type { Architecture } from '../../core/contracts/architecture.js';
import { linearDivergence } from '../losses/index.js';
import type { ProgramSource } from '../training/programs.js';
import { fromGroup, inGroup } from '../training/state.js';
import { lastStep } from './forward.js';
import type { ThoughtShape } from './layout.js';

/** Least tokens from one place to the next. */
export const LEAST_INTERVAL = 3;
/** Share of the places that is drawn at random, so that what is measured there is true of all text. */
export const RANDOM_SHARE = 0.25;

/** A model whose weights lie in a state as `param/<tensor>`, as trainers keep them. */
export interface ThinkingModel {
  readonly architecture: Architecture;
  /** Validated hyper-parameters. */
  readonly config: unknown;
  /** Specs of its weights, and of the mixing head where it has one. */
  readonly specs: TensorSpecs;
}

/** Rows of text as host arrays, each [B L]. */
export interface TextRows {
  readonly ids: Int32Array;
  readonly targets: Int32Array;
  readonly segments: Int32Array;
}

/**
 * A program that says how unsure the model is after each token: output `entropy` [B, L], H(p) / ln V in [0, 1].
 * Inputs `ids` and `segments`.
 */
export function entropySource(model: ThinkingModel, rows: number, length: number): ProgramSource {
  const { architecture, config, specs } = model;
  const row = { shape: [rows, length], dtype: 'int32' as const };
  return {
    spec: { name: 'entropy', inputs: { ids: row, segments: row }, state: inGroup('param', specs) },
    fn: ({ ids, segments }, state) => {
      const input = { ids: ids as Tensor2D, segments: segments as Tensor2D };
      const { features, head } = architecture.forward(config, fromGroup('param', state), input);
      const flat = tf.reshape(lastStep(features), [rows * length, -1]) as Tensor2D;
      const own = { features: flat, table: head };
      const { values } = linearDivergence(own, null, tf.ones([rows * length]) as Tensor1D);
      const entropy = tf.div(values, -Math.log(head.shape[0]));
      return { outputs: { entropy: tf.reshape(entropy, [rows, length]) } };
    },
  };
}

/** Where the model thinks. */
export interface ChosenPlaces {
  /** [B P], rising within a row; 0 where there are not enough. */
  readonly places: Int32Array;
  /** [B P]: 1 where the place counts. */
  readonly valid: Float32Array;
  /** [B P]: 1 where chance chose it. */
  readonly random: Uint8Array;
}

/** How places are chosen. */
export interface PlaceOptions {
  /** Least tokens from one place to the next. */
  readonly interval?: number;
  /** Of the P places, what chance chooses. */
  readonly randomShare?: number;
  /**
   * Where an answer begins comes before where the model is unsure: it may be quite sure of how answers begin and of nothing
   * that they say.
   */
  readonly answersFirst?: boolean;
}

/**
 * Choose P places per row: a quarter at random, the others where the model is most unsure, all at least three tokens apart.
 * A place needs A tokens of its document after it, the first of them with a target.
 *
 * @param entropy [B L], see {@link entropySource}
 */
export function choosePlaces(
  shape: ThoughtShape,
  rows: TextRows,
  entropy: Float32Array,
  random: RandomStream,
  { interval = LEAST_INTERVAL, randomShare = RANDOM_SHARE, answersFirst = false }: PlaceOptions = {},
): ChosenPlaces {
  const { base, positions } = shape;
  const count = rows.ids.length / base;
  const chosen: ChosenPlaces = {
    places: new Int32Array(count * positions),
    valid: new Float32Array(count * positions),
    random: new Uint8Array(count * positions),
  };
  for (let row = 0; row < count; row++) {
    const open = thinkablePlaces(shape, rows, row);
    const certain = answersFirst ? open.filter((place) => answersAt(rows, row * base + place)) : [];
    const byChance = spread(shuffled(open, random), Math.round(randomShare * positions), interval, []);
    const unsure = [...open].sort((a, b) => entropy[row * base + b]! - entropy[row * base + a]! || a - b);
    const all = spread([...shuffled(certain, random), ...unsure], positions, interval, byChance).sort(
      (a, b) => a - b,
    );
    all.forEach((place, p) => {
      const at = row * positions + p;
      chosen.places[at] = place;
      chosen.valid[at] = 1;
      chosen.random[at] = byChance.includes(place) ? 1 : 0;
    });
  }
  return chosen;
}

/** Places of a row from which the talk stays in its document, with something to predict. */
export function thinkablePlaces(
  { base, talk }: Pick<ThoughtShape, 'base' | 'talk'>,
  { targets, segments }: Pick<TextRows, 'targets' | 'segments'>,
  row: number,
): number[] {
  const start = row * base;
  return Array.from({ length: Math.max(0, base - talk) }, (_, j) => j).filter(
    (j) => segments[start + j] === segments[start + j + talk] && targets[start + j]! >= 0,
  );
}

/** Whether the token after this one is the first of its document that is to be predicted, and not the first of all. */
function answersAt({ targets, segments }: TextRows, at: number): boolean {
  return at > 0 && segments[at - 1] === segments[at] && targets[at]! >= 0 && targets[at - 1]! < 0;
}

/** `chosen` and further candidates in their order, none nearer than `interval` to another, until there are `most`. */
function spread(
  candidates: readonly number[],
  most: number,
  interval: number,
  chosen: readonly number[],
): number[] {
  const all = [...chosen];
  for (const place of candidates) {
    if (all.length >= most) break;
    if (all.every((other) => Math.abs(other - place) >= interval)) all.push(place);
  }
  return all;
}

function shuffled(values: readonly number[], random: RandomStream): number[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * The entropy above which the model thinks at inference: the quantile of what is met in held-out text.
 *
 * @param entropies of any number of places, not empty
 * @param quantile 0.7: three in ten places are above
 */
export function entropyThreshold(entropies: Float32Array, quantile = 0.7): number {
  const sorted = Float32Array.from(entropies).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))]!;
}
