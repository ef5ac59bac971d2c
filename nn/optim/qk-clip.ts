import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { AttentionPeak, TensorDescription } from '../../core/contracts/architecture.js';
import type { TensorMap } from '../../core/contracts/tensor.js';

export interface QkClipResult {
  /** The clipped matrices by name; others are not in it. */
  readonly params: TensorMap;
  /** Number of heads that were scaled. */
  readonly clipped: Scalar;
}

/**
 * QK-clip (Kimi K2, 2025): a head whose largest score exceeds tau has its query and key columns multiplied by
 * sqrt(tau / peak) each, so that the same scores would now peak at tau. Other heads are multiplied by exactly 1.
 *
 * Where heads share keys, those are multiplied by what the hottest head of the group asks for, and each query by the
 * rest of its own factor: every head's scores change by its own factor, and by no other's.
 *
 * @param peaks at least one
 * @param tensors tell how the matrices lie; those that are not there lie [in, out]
 */
export function qkClip(
  params: TensorMap,
  peaks: readonly AttentionPeak[],
  threshold: number,
  tensors: readonly TensorDescription[] = [],
): QkClipResult {
  const transposed = new Set(tensors.flatMap(({ name, layout }) => (layout === 'out-in' ? [name] : [])));
  const scaled: TensorMap = {};
  const counts: Tensor[] = [];
  for (const { query, key, heads, peak } of peaks) {
    const over = tf.greater(peak, threshold);
    const matrix = (name: string): HeadMatrix => ({
      weight: (scaled[name] ?? params[name]) as Tensor2D,
      isTransposed: transposed.has(name),
    });
    const shared = heads / keyHeads(matrix(query), matrix(key), heads);
    const { ofQuery, ofKey } = factors(over, tf.div(threshold, peak), shared);
    scaled[query] = scaleHeads(matrix(query), ofQuery);
    scaled[key] = scaleHeads(matrix(key), ofKey);
    counts.push(tf.sum(tf.cast(over, 'float32')));
  }
  return { params: scaled, clipped: tf.addN(counts) as Scalar };
}

/** [in, H*dh], or [H*dh, in] transposed. */
interface HeadMatrix {
  readonly weight: Tensor2D;
  readonly isTransposed: boolean;
}

function headWidths({ weight, isTransposed }: HeadMatrix): number {
  return isTransposed ? weight.shape[0] : weight.shape[1];
}

function keyHeads(query: HeadMatrix, key: HeadMatrix, heads: number): number {
  return (headWidths(key) * heads) / headWidths(query);
}

/** @param ratio tau / peak [H] @param shared heads that read one head of keys */
function factors(over: Tensor, ratio: Tensor, shared: number): { ofQuery: Tensor; ofKey: Tensor } {
  const ones = tf.onesLike(ratio);
  const root = tf.where(over, tf.sqrt(ratio), ones);
  if (shared === 1) return { ofQuery: root, ofKey: root };
  const byGroup = tf.reshape(root, [-1, shared]);
  const ofKey = tf.min(byGroup, 1, true);
  const ofQuery = tf.reshape(tf.div(tf.square(byGroup), ofKey), [-1]);
  return { ofQuery, ofKey: tf.reshape(ofKey, [-1]) };
}

/** Multiply each head's columns, or rows where the matrix lies transposed. @param factor [H] */
function scaleHeads({ weight, isTransposed }: HeadMatrix, factor: Tensor): Tensor2D {
  const heads = factor.size;
  const [rows, columns] = weight.shape;
  const [split, along] = isTransposed
    ? [
        [heads, rows / heads, columns],
        [heads, 1, 1],
      ]
    : [
        [rows, heads, columns / heads],
        [1, heads, 1],
      ];
  const byHead = tf.reshape(weight, split!);
  return tf.reshape(tf.mul(byHead, tf.reshape(factor, along!)), [rows, columns]);
}
