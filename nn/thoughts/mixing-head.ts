import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { Architecture, TensorDescription, TensorRole } from '../../core/contracts/architecture.js';
import type { TensorMap } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';
import { linear } from '../layers/index.js';

const MIXING = {
  first: 'thought.mixing.first',
  firstBias: 'thought.mixing.first_bias',
  second: 'thought.mixing.second',
  secondBias: 'thought.mixing.second_bias',
  out: 'thought.mixing.out',
  outBias: 'thought.mixing.out_bias',
} as const;

const SELECTION = { query: 'thought.selection.query', key: 'thought.selection.key' } as const;

/** Logit of the weight of a thought that nothing is known of, where the weight is bounded: w = 0.1. */
const CAUTIOUS = -2.2;

export interface MixingHeadOptions {
  /**
   * w = sigmoid(MLP) that begins at 0.1, instead of the MLP itself, which begins at 0. At w = 0 all thoughts are worth
   * the same, so that an unbounded head must learn from the talk before thoughts can be told apart.
   */
  readonly bounded: boolean;
}

/**
 * Tensors of the mixing head beside those of the model (Zelikman et al. 2024, 4.3): three linear layers 2r -> r -> r -> 1
 * with ReLU between, the last one zero and without a bias. A bounded head is known by the bias of its last layer.
 *
 * @param width r, see {@link featureWidth}
 */
export function mixingTensors(width: number, { bounded }: MixingHeadOptions): TensorDescription[] {
  const hidden = [
    matrix(MIXING.first, [2 * width, width]),
    constant(MIXING.firstBias, [width], 0),
    matrix(MIXING.second, [width, width]),
    constant(MIXING.secondBias, [width], 0),
    constant(MIXING.out, [width, 1], 0),
  ];
  return bounded ? [...hidden, constant(MIXING.outBias, [1], CAUTIOUS)] : hidden;
}

/** Tensors that choose among the thoughts of one place; before they are trained all count by their coherence alone. */
export function selectionTensors(width: number): TensorDescription[] {
  return [constant(SELECTION.query, [width, width], 0), matrix(SELECTION.key, [width, width])];
}

const ROLE: TensorRole = 'mixing-head';

/** Spread of He et al. 2015, for ReLU. */
function matrix(name: string, shape: readonly [number, number]): TensorDescription {
  return { name, shape, role: ROLE, init: { kind: 'normal', std: Math.sqrt(2 / shape[0]) } };
}

function constant(name: string, shape: readonly number[], value: number): TensorDescription {
  return { name, shape, role: ROLE, init: { kind: 'constant', value } };
}

/**
 * r: the width of what the output head of an architecture reads.
 * @throws ForgeError AF_MODEL_CONFIG when no tensor has a row per id
 */
export function featureWidth(architecture: Architecture, config: unknown): number {
  const vocabulary = architecture.vocabularySize(config);
  const described = architecture.describe(config);
  const table = (role: TensorRole): TensorDescription | undefined =>
    described.find((tensor) => tensor.role === role && tensor.shape.includes(vocabulary));
  const found = table('output-head') ?? table('embedding');
  if (found?.shape.length !== 2)
    throw new ForgeError('AF_MODEL_CONFIG', 'The architecture has no output head with a row per id.', {
      at: 'describe',
      fix: 'Give the table of the output head (or of the embedding, if it is tied) the role output-head (or embedding).',
      facts: { vocabulary },
    });
  const [first, second] = found.shape as [number, number];
  return first === vocabulary ? second : first;
}

/**
 * w, what a thought counts against what is said without it.
 *
 * @param before h0 [..., r]
 * @param talk h1 [..., r]
 * @returns [..., 1]
 */
export function mixingWeight(before: Tensor, talk: Tensor, params: TensorMap): Tensor {
  const of = (name: keyof typeof MIXING): Tensor => params[MIXING[name]]!;
  const both = tf.concat([before, talk], before.rank - 1);
  const first = tf.relu(linear(both, of('first') as Tensor2D, of('firstBias')));
  const second = tf.relu(linear(first, of('second') as Tensor2D, of('secondBias')));
  const bias = params[MIXING.outBias];
  const out = linear(second, of('out') as Tensor2D, bias);
  return bias === undefined ? out : tf.sigmoid(out);
}

/** Whether tensors by name hold a mixing head. */
export function hasMixingHead(tensors: Readonly<Record<string, unknown>>): boolean {
  return tensors[MIXING.out] !== undefined;
}

/** (1 - w) h0 + w h1, of which the head makes mixed logits, being linear; at w = 0 exactly h0. */
export function mixFeatures(before: Tensor, talk: Tensor, weight: Tensor): Tensor {
  return tf.add(before, tf.mul(weight, tf.sub(talk, before)));
}

/** The thoughts of one place as one. */
export interface SelectedThought {
  /** a [X, N], each row sums to 1. */
  readonly shares: Tensor2D;
  /** sum_n a_n h1_n [X, r] */
  readonly talk: Tensor2D;
}

/**
 * a_n = softmax_n(q(h0) . k(h1_n) / sqrt(r) + coherence_n): attention over the thoughts of a place, for inference with
 * several. Training rewards each thought by itself.
 *
 * @param before h0 [X, r]
 * @param talk h1_n [X, N, r]
 * @param coherence [X, N]
 */
export function selectThoughts(
  before: Tensor2D,
  talk: Tensor3D,
  coherence: Tensor2D,
  params: TensorMap,
): SelectedThought {
  const [places, , width] = talk.shape;
  const query = tf.reshape(linear(before, params[SELECTION.query] as Tensor2D), [places, 1, width]);
  const key = linear(talk, params[SELECTION.key] as Tensor2D);
  const scores = tf.div(tf.sum(tf.mul(query, key), 2), Math.sqrt(width));
  const shares = tf.softmax(tf.add(scores, coherence)) as Tensor2D;
  const chosen = tf.sum(tf.mul(tf.expandDims(shares, 2), talk), 1) as Tensor2D;
  return { shares, talk: chosen };
}
