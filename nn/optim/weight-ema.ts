import * as tf from '@tensorflow/tfjs';
import type { Scalar } from '@tensorflow/tfjs';
import type { TensorMap } from '../../core/contracts/tensor.js';

/** Average of weights over training: value + decay (average - value), tensor by tensor. */
export function averageWeights(averages: TensorMap, values: TensorMap, decay: Scalar | number): TensorMap {
  const moved = Object.entries(values).map(([name, value]) => {
    const average = averages[name];
    if (average === undefined) throw new Error(`no average of ${name}`);
    return [name, tf.add(value, tf.mul(tf.sub(average, value), decay))] as const;
  });
  return Object.fromEntries(moved);
}
