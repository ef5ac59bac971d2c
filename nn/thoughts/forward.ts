import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { Forward, ForwardOptions } from '../../core/contracts/architecture.js';
import type { ForwardFunction } from '../../core/contracts/objective.js';
import type { TensorMap } from '../../core/contracts/tensor.js';
import { embeddingLookup } from '../layers/index.js';
import {
  flatPlaces,
  slotLayout,
  slotsPerThought,
  thoughtsPerRow,
  type SlotLayout,
  type ThoughtMarkers,
  type ThoughtRows,
  type ThoughtShape,
} from './layout.js';

/** Features of one pass over text and thoughts, by what they predict. Those of the answer: the last recursion step. */
export interface ThoughtPass {
  readonly layout: SlotLayout;
  /** What the same model computes of the text alone: no thought changes it. */
  readonly base: Forward;
  /** [V, r] */
  readonly head: Tensor2D;
  /** h0 [B, P, A, r]: of the text at x_(j+a), which predicts x_(j+1+a) without a thought. */
  readonly before: Tensor4D;
  /** [B, M, T, r]: of START and the thought but its last token, which predict c_1..c_T; meaningless after its end. */
  readonly thought: Tensor4D;
  /** [B, M, T, r]: of the tokens of the thought, c_1..c_T; meaningless after its end. */
  readonly said: Tensor4D;
  /** h1 [B, M, A, r]: of END and the tokens fed after it, which predict x_(j+1+a) after the thought. */
  readonly talk: Tensor4D;
}

/**
 * One pass over text and thoughts, with gradient: the second pass of Quiet-STaR. It equals a pass of its own for every
 * thought, over x_0..x_j, START, the thought, END and x_(j+1)..x_(j+A-1).
 *
 * @param model `forward` of any architecture that honours positions and mask, and its parameters
 */
export function thoughtPass(
  model: { readonly forward: ForwardFunction; readonly params: TensorMap },
  shape: ThoughtShape,
  markers: ThoughtMarkers,
  rows: ThoughtRows,
  options: Omit<ForwardOptions, 'select'> = {},
): ThoughtPass {
  const layout = slotLayout(shape, markers, rows);
  const pass = model.forward(model.params, layout.input, options);
  const answer = lastStep(pass.features);
  const { length, talk } = shape;
  const slots = slotsOf(answer, shape);
  const part = (from: number, count: number): Tensor4D =>
    tf.slice(slots, [0, 0, from, 0], [-1, -1, count, -1]);
  return {
    layout,
    base: textOf(pass, shape),
    head: pass.head,
    before: textFeatures(answer, layout.talkPlaces),
    thought: part(0, length),
    said: part(1, length),
    talk: part(length + 1, talk),
  };
}

/** @param features [K, B, T, r] @returns [B, T, r] */
export function lastStep(features: Tensor4D): Tensor3D {
  const [steps, rows, length, width] = features.shape;
  const last = steps === 1 ? features : tf.slice(features, [steps - 1, 0, 0, 0], [1, -1, -1, -1]);
  return tf.reshape(last, [rows, length, width]);
}

/** @returns [B, M, S, r] */
function slotsOf(answer: Tensor3D, shape: ThoughtShape): Tensor4D {
  const [rows, , width] = answer.shape;
  const slots = tf.slice(answer, [0, shape.base, 0], [-1, -1, -1]);
  return tf.reshape(slots, [rows, thoughtsPerRow(shape), slotsPerThought(shape), width]);
}

/** Features of the text at given places. @param at int32 [B, ...] @returns [B, ..., r] */
function textFeatures(answer: Tensor3D, at: Tensor3D): Tensor4D {
  const [rows, length, width] = answer.shape;
  const table = tf.reshape(answer, [rows * length, width]) as Tensor2D;
  return tf.reshape(embeddingLookup(table, flatPlaces([rows, length], at)), [...at.shape, width]);
}

/** The first L tokens of a pass. */
function textOf(pass: Forward, { base }: ThoughtShape): Forward {
  const [steps, rows, , width] = pass.features.shape;
  const first = <T extends Tensor>(x: T): T =>
    tf.slice(x, new Array<number>(x.rank).fill(0), [rows, base, ...x.shape.slice(2)]);
  return {
    ...pass,
    features: tf.slice(pass.features, [0, 0, 0, 0], [steps, rows, base, width]),
    halting: pass.halting.map(first),
    hidden: pass.hidden.map(first),
  };
}
