import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import { withGradient } from './with-gradient.js';

/**
 * `x`, which an engine must not compute before `dependencies`. Graph engines are free to order independent work, and
 * orders that put all large intermediates first need many times the memory; this ties the order down at the cost of
 * one pass over `x`. Values and gradients are those of `x`.
 *
 * @param dependencies one element of each is looked at
 */
export function computedAfter<T extends Tensor>(x: T, dependencies: readonly Tensor[]): T {
  return withGradient<T>([x], (value) => ({
    value: tf.add(value!, tf.addN(dependencies.map(zeroFrom))) as T,
    saved: [],
    gradient: (dy) => [dy],
  }));
}

/** 0, whatever the tensor holds, NaN and infinities included: an absolute value is never below -1. */
function zeroFrom(tensor: Tensor): Scalar {
  const first = tf.slice(tf.reshape(tensor, [-1]), [0], [1]);
  return tf.reshape(tf.cast(tf.less(tf.abs(first), -1), 'float32'), []) as Scalar;
}
