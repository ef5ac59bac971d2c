import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import { withGradient } from './with-gradient.js';

/**
 * The same values without a gradient. The copy is made inside a custom-gradient function that has no inputs, so
 * the tape never connects it to `x` and no backward work is done for the part that is cut off.
 */
export function stopGradient<T extends Tensor>(x: T): T {
  return tf.customGrad<T>(() => ({ value: x.clone(), gradFunc: () => [] }))();
}

/**
 * Straight-through estimator (Bengio et al. 2013): the value is `quantise(x)`, the gradient is that of `x` itself,
 * as x + stopgrad(quantise(x) - x) gives, without the two extra passes.
 */
export function straightThrough<T extends Tensor>(x: T, quantise: (x: T) => T): T {
  return withGradient<T>([x], (value) => ({
    value: quantise(value as T),
    saved: [],
    gradient: (dy) => [dy],
  }));
}
