import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { Forward } from '../../../core/contracts/architecture.js';
import type { ForwardFunction, ObjectiveResult } from '../../../core/contracts/objective.js';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import { embeddingLookup } from '../../../nn/layers/index.js';
import {
  quietStar,
  withoutThoughts,
  type QuietStarOptions,
  type ThoughtShape,
} from '../../../nn/thoughts/index.js';

/**
 * A thinker of two thoughts. Its logits are `table` of the token and `previous` of the token before it in the row, so
 * that `table` of START are the logits of the thought and `previous` of the thought the logits after END. The text is
 * 0 0 0 0; after it, thought 1 lifts the logit of 0 by 2 and thought 0 does nothing. The mixing weight is 1/2.
 */
export const TOY = {
  shape: { base: 4, positions: 1, thoughts: 2, length: 1, talk: 1 } satisfies ThoughtShape,
  markers: { start: 2, end: 3 },
  excluded: [2, 3],
} as const;

const VOCABULARY = 4;

export function toyParams(thoughtLogits: readonly [number, number]): TensorMap {
  const table = new Float32Array(16);
  table.set(thoughtLogits, TOY.markers.start * VOCABULARY);
  const previous = new Float32Array(16);
  previous[1 * VOCABULARY] = 2;
  return {
    table: tf.tensor2d(table, [VOCABULARY, VOCABULARY]),
    previous: tf.tensor2d(previous, [VOCABULARY, VOCABULARY]),
    'thought.mixing.first': tf.zeros([2 * VOCABULARY, VOCABULARY]),
    'thought.mixing.first_bias': tf.zeros([VOCABULARY]),
    'thought.mixing.second': tf.zeros([VOCABULARY, VOCABULARY]),
    'thought.mixing.second_bias': tf.zeros([VOCABULARY]),
    'thought.mixing.out': tf.zeros([VOCABULARY, 1]),
    'thought.mixing.out_bias': tf.zeros([1]),
  };
}

const forward: ForwardFunction = (params, { ids }): Forward => {
  const [rows, length] = ids.shape;
  const before = tf.concat([tf.slice(ids, [0, 0], [-1, 1]), tf.slice(ids, [0, 0], [-1, length - 1])], 1);
  const own = embeddingLookup(params['table'] as Tensor2D, ids);
  const features = tf.add(own, embeddingLookup(params['previous'] as Tensor2D, before));
  return {
    features: tf.reshape(features, [1, rows, length, VOCABULARY]) as Tensor4D,
    head: tf.eye(VOCABULARY),
    halting: [],
    hidden: [],
    peaks: [],
    statistics: {},
  };
};

export interface ToyStep {
  /** Their tokens, one thought after the other. */
  readonly thoughts: readonly number[];
  /** Default T. */
  readonly lengths?: readonly [number, number];
  readonly weights?: Partial<Record<'policyWeight' | 'klWeight' | 'entropyWeight', number>>;
  readonly options?: Partial<QuietStarOptions>;
  readonly reference?: TensorMap;
}

/** The objective of the same text alone: loss and its divergence from a reference. */
export function plainObjective(
  params: TensorMap,
  { baseWeight, klWeight, reference = {} }: { baseWeight: number; klWeight: number; reference?: TensorMap },
): ObjectiveResult {
  const row = (values: readonly number[]): Tensor2D => tf.tensor2d([...values], [1, values.length], 'int32');
  return withoutThoughts({ baseWeight })({
    ...{ forward, params, reference, context: null },
    batch: { ids: row([0, 0, 0, 0]), targets: row([0, 0, 0, -100]), segments: row([0, 0, 0, 0]) },
    extras: { klWeight: tf.scalar(klWeight) },
  });
}

/** The objective of one text after whose second token the model thinks. */
export function toyObjective(
  params: TensorMap,
  {
    thoughts,
    lengths = [thoughts.length / 2, thoughts.length / 2],
    weights = {},
    options = {},
    reference = {},
  }: ToyStep,
): ObjectiveResult {
  const row = (values: readonly number[]): Tensor2D => tf.tensor2d([...values], [1, values.length], 'int32');
  const scalar = (name: keyof typeof weights): tf.Scalar => tf.scalar(weights[name] ?? 0);
  return quietStar({
    ...TOY,
    baseWeight: 0,
    talkWeight: 0,
    reinforceTemperature: 3,
    clampAdvantages: true,
    ...options,
  })({
    forward,
    params,
    batch: { ids: row([0, 0, 0, 0]), targets: row([0, 0, 0, -100]), segments: row([0, 0, 0, 0]) },
    extras: {
      places: row([1]),
      thoughts: row(thoughts),
      lengths: row(lengths),
      valid: tf.ones([1, 1]),
      rewardSpread: tf.scalar(1),
      rewardThreshold: tf.scalar(0),
      policyWeight: scalar('policyWeight'),
      klWeight: scalar('klWeight'),
      entropyWeight: scalar('entropyWeight'),
    },
    reference,
    context: null,
  });
}

/** The gradient of the loss by the logits of the two thoughts. */
export function thoughtGradient(params: TensorMap, step: ToyStep): [number, number] {
  return tf.tidy(() => {
    const gradient = tf.grad((table: tf.Tensor) => toyObjective({ ...params, table }, step).loss)(
      params['table']!,
    );
    const start = TOY.markers.start * VOCABULARY;
    const [first, second] = tf.slice(tf.reshape(gradient, [-1]) as Tensor1D, [start], [2]).dataSync();
    return [first!, second!];
  });
}
