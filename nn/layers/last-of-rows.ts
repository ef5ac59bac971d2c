import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';

/**
 * The last real token of each row.
 *
 * @param x [B, T, c]
 * @param before [B, c]: what a row without real tokens gets; null: it does not matter
 * @param counts int32 [B]: real tokens of each row, 0..T, the padding comes last; null is T in every row
 * @returns [B, c]
 */
export function lastOfRows(x: Tensor3D, before: Tensor2D | null, counts: Tensor1D | null): Tensor2D {
  const [rows, length, width] = x.shape;
  if (counts === null) return tf.reshape(tf.slice(x, [0, length - 1, 0], [-1, 1, -1]), [rows, width]);
  if (length === 1) {
    const only = tf.reshape(x, [rows, width]);
    if (before === null) return only as Tensor2D;
    return tf.where(tf.expandDims(tf.greater(counts, tf.scalar(0, 'int32')), 1), only, before) as Tensor2D;
  }
  const start = tf.expandDims(before ?? tf.zeros([rows, width]), 1);
  const entries = tf.reshape(tf.concat([start, x], 1), [rows * (length + 1), width]);
  const at = tf.add(tf.range(0, rows * (length + 1), length + 1, 'int32'), counts);
  return tf.gather(entries, at as Tensor1D) as Tensor2D;
}
