import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { linear, type MatrixLayout } from './linear.js';
import { withGradient } from './with-gradient.js';

/** Weights of a SwiGLU block: gate and up [d, f], down [f, d]; transposed with the layout `out-in`. */
export interface SwigluWeights {
  readonly gate: Tensor2D;
  readonly up: Tensor2D;
  readonly down: Tensor2D;
  readonly layout?: MatrixLayout;
}

/** (silu(x Wgate) * (x Wup)) Wdown, bias-free (Shazeer 2020). @param x [..., d] */
export function swiglu<T extends Tensor>(x: T, weights: SwigluWeights): T {
  const through = (input: T, weight: Tensor2D): T => linear(input, weight, undefined, weights.layout);
  return through(gatedSilu(through(x, weights.gate), through(x, weights.up)), weights.down);
}

/** silu(a) * b with silu(a) = a sigmoid(a). */
export function gatedSilu<T extends Tensor>(a: T, b: T): T {
  return withGradient<T>([a, b], (gate, up) => {
    const sigmoid = tf.sigmoid(gate!);
    const silu = tf.mul(gate!, sigmoid);
    return {
      value: tf.mul(silu, up!) as T,
      saved: [sigmoid, silu, up!],
      gradient: (dy, saved) => {
        const [s, activated, other] = saved as [Tensor, Tensor, Tensor];
        return [tf.mul(tf.mul(dy, other), siluSlope(s, activated)), tf.mul(dy, activated)];
      },
    };
  });
}

/** a sigmoid(a). */
export function silu<T extends Tensor>(a: T): T {
  return withGradient<T>([a], (input) => {
    const sigmoid = tf.sigmoid(input!);
    const value = tf.mul(input!, sigmoid) as T;
    return {
      value,
      saved: [sigmoid, value],
      gradient: (dy, saved) => [tf.mul(dy, siluSlope(saved[0]!, saved[1]!))],
    };
  });
}

/** d silu / d a = s + silu (1 - s) = s + silu - silu s */
function siluSlope(sigmoid: Tensor, silued: Tensor): Tensor {
  return tf.add(sigmoid, tf.sub(silued, tf.mul(silued, sigmoid)));
}
