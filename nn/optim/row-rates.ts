import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { Optimizer } from '../../core/contracts/optimizer.js';
import type { TensorMap } from '../../core/contracts/tensor.js';

/** Rows of tables that learn at a rate of their own. */
export interface RowRate {
  /** Names of the tables [V, d]. */
  readonly tables: readonly string[];
  /** Of every one of them. */
  readonly rows: readonly number[];
  /** Before the schedule. */
  readonly learningRate: number;
}

/**
 * An optimizer whose change of some rows is multiplied by their rate over that of their table. Where each element is changed
 * by itself and in proportion to its rate, as AdamW does (its decay too), this is exactly training the rows at their rate.
 * Gradients are left alone: one that is a hundred times as large changes nothing under a rule that divides by its size. All
 * other elements change to the same bits as without it.
 */
export function withRowRate(optimizer: Optimizer, { tables, rows, learningRate }: RowRate): Optimizer {
  return {
    learningRate: optimizer.learningRate,
    learningRateOf: (tensor) => rateOf(optimizer, tensor),
    state: (tensors) => optimizer.state(tensors),
    update: (input) => {
      const result = optimizer.update(input);
      const own = input.tensors.filter(({ name }) => tables.includes(name));
      const params: TensorMap = { ...result.params };
      for (const tensor of own) {
        const before = input.params[tensor.name]!;
        const change = tf.sub(params[tensor.name]!, before);
        const factor = learningRate / rateOf(optimizer, tensor);
        const moved = tf.add(before, tf.mul(change, factor));
        params[tensor.name] = tf.where(among(rows, tensor.shape[0]!), moved, params[tensor.name]!);
      }
      return { ...result, params };
    },
  };
}

/** Learning rate of a tensor before the schedule. */
export function rateOf(optimizer: Optimizer, tensor: TensorDescription): number {
  return optimizer.learningRateOf?.(tensor) ?? optimizer.learningRate;
}

/** bool [V, 1]: which rows are among some. */
function among(rows: readonly number[], count: number): Tensor {
  const wanted = tf.tensor2d([...rows], [1, rows.length], 'int32');
  const same = tf.cast(tf.equal(tf.expandDims(tf.range(0, count, 1, 'int32'), 1), wanted), 'float32');
  return tf.greater(tf.max(same, 1, true), 0);
}
