import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import { additiveMask } from './attention-mask.js';
import { computedAfter } from './computed-after.js';
import { linear } from './linear.js';
import { applyRope, type RopeTable } from './rope.js';
import { stopGradient } from './stop-gradient.js';
import { withGradient } from './with-gradient.js';

/** What all attentions of one pass share; made once per pass. */
export interface AttentionMask {
  /** float32 [B, 1, T, T] of 1 and 0. */
  readonly visible: Tensor4D;
  /** float32 [B, 1, T, T] of 0 and -1e9. */
  readonly additive: Tensor4D;
}

/** @param visible float32 [B, T, T] of 1 and 0 */
export function attentionMask(visible: Tensor3D): AttentionMask {
  const grouped = tf.expandDims(visible, 1) as Tensor4D;
  return { visible: grouped, additive: additiveMask(grouped) };
}

export interface AttentionResult<T extends Tensor> {
  readonly output: T;
  /** [H]: max |score| over visible pairs of the batch, without gradient; for QK-clip. */
  readonly peak: Tensor1D;
}

/**
 * softmax(q k^T + mask) v. The scale 1/sqrt(dh) must already be in `q`.
 *
 * The gradient follows Dao et al. 2022 (FlashAttention, appendix B): dS = P * (dP - rowsum(dO * O)), where the row
 * sum is taken over dh instead of over T.
 *
 * @param q,k,v [B, H, T, dh]
 * @returns output [B, H, T, dh]
 */
export function scaledAttention(
  q: Tensor4D,
  k: Tensor4D,
  v: Tensor4D,
  mask: AttentionMask,
): AttentionResult<Tensor4D> {
  const scores = tf.matMul(stopGradient(q), stopGradient(k), false, true);
  const probabilities = tf.softmax(tf.add(scores, mask.additive));
  const peak = tf.max(tf.mul(tf.abs(scores), mask.visible), [0, 2, 3]) as Tensor1D;
  const output = withGradient<Tensor4D>([q, k, v], (query, key, value) => {
    // The peak is needed only by the optimizer; left until then it would keep all scores in memory.
    const mixed = tf.matMul(probabilities, computedAfter(value!, [peak])) as Tensor4D;
    return { value: mixed, saved: [query!, key!, value!, probabilities, mixed], gradient: attentionGradient };
  });
  return { output, peak };
}

function attentionGradient(dy: Tensor4D, saved: readonly Tensor[]): Tensor[] {
  const [query, key, value, probabilities, output] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
  const along = tf.sum(tf.mul(dy, output), -1, true);
  const dProbabilities = tf.matMul(dy, value, false, true);
  const dScores = tf.mul(probabilities, tf.sub(dProbabilities, along));
  return [
    tf.matMul(dScores, key),
    tf.matMul(dScores, query, true, false),
    tf.matMul(probabilities, dy, true, false),
  ];
}

/** Weights of one attention, each a matrix [in, out]. */
export interface AttentionWeights {
  readonly query: Tensor2D;
  readonly key: Tensor2D;
  readonly value: Tensor2D;
  readonly output: Tensor2D;
}

/** Geometry and position tables of one attention. */
export interface AttentionGeometry {
  readonly heads: number;
  /** Table for queries; carries the scale 1/sqrt(dh). */
  readonly queryRope: RopeTable;
  readonly keyRope: RopeTable;
}

/** Keys and values of a sequence, ready for any number of queries. */
export interface KeyValues {
  readonly key: Tensor4D;
  readonly value: Tensor4D;
}

/** Project a sequence [B, T, d] to rotated keys and values [B, H, T, dh]. */
export function keyValues(
  source: Tensor3D,
  weights: AttentionWeights,
  geometry: AttentionGeometry,
): KeyValues {
  const key = applyRope(splitHeads(linear(source, weights.key), geometry.heads), geometry.keyRope);
  const value = splitHeads(linear(source, weights.value), geometry.heads);
  return { key: byHead(key), value: byHead(value) };
}

/**
 * Multi-head attention of a sequence of queries over prepared keys and values.
 *
 * @param queries [B, T, d]
 * @returns output [B, T, d]
 */
export function attend(
  queries: Tensor3D,
  source: KeyValues,
  weights: AttentionWeights,
  geometry: AttentionGeometry,
  mask: AttentionMask,
): AttentionResult<Tensor3D> {
  const query = applyRope(splitHeads(linear(queries, weights.query), geometry.heads), geometry.queryRope);
  const { output, peak } = scaledAttention(byHead(query), source.key, source.value, mask);
  return { output: linear(joinHeads(output), weights.output), peak };
}

/** [B, T, H*dh] -> [B, T, H, dh] */
function splitHeads(x: Tensor3D, heads: number): Tensor4D {
  const [rows, length, width] = x.shape;
  return tf.reshape(x, [rows, length, heads, width / heads]);
}

/** [B, T, H, dh] -> [B, H, T, dh] */
function byHead(x: Tensor4D): Tensor4D {
  return tf.transpose(x, [0, 2, 1, 3]);
}

/** [B, H, T, dh] -> [B, T, H*dh] */
function joinHeads(x: Tensor4D): Tensor3D {
  const [rows, heads, length, width] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [rows, length, heads * width]);
}
