import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { operatorOf } from './matrix-operator.js';
import { withGradient } from './with-gradient.js';

/**
 * Rows of a table by index; the gradient is one segment sum. A table with an operator of its own gives rows by that.
 *
 * @param table [V, r]
 * @param indices int32 of any shape, each in 0..V-1
 * @returns [...indices, r]
 */
export function embeddingLookup(table: Tensor2D, indices: Tensor): Tensor {
  const [rows, width] = table.shape;
  const flat = tf.reshape(indices, [-1]) as Tensor1D;
  const { rows: rowsOf } = operatorOf(table);
  const picked =
    rowsOf?.(flat) ??
    withGradient([table], (source) => ({
      value: tf.gather(source!, flat),
      saved: [flat],
      gradient: (dy, saved) => [tf.unsortedSegmentSum(dy, saved[0] as Tensor1D, rows)],
    }));
  return tf.reshape(picked, [...indices.shape, width]);
}
