import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { linear } from './linear.js';
import { withGradient } from './with-gradient.js';

/** One gate network, shared by all layers: W1 [2d, hidden], W2 [hidden, d], with biases. */
export interface GateWeights {
  readonly first: Tensor2D;
  readonly firstBias: Tensor1D;
  readonly second: Tensor2D;
  readonly secondBias: Tensor1D;
}

/** Each of the shape of what is mixed. */
export interface GateResult<T extends Tensor> {
  /** g * attention + (1 - g) * memory */
  readonly mixed: T;
  /** In 0..1: how much of the attention is used. */
  readonly gate: T;
  /** The gate before its sigmoid. */
  readonly logits: T;
}

/**
 * Memory-as-gate (Titans, section 4.2, with a learned mixing network): g = sigmoid(W2 relu(W1 [a||M] + b1) + b2).
 *
 * @param attention a [..., d]
 * @param memory M [..., d]
 */
export function magGate<T extends Tensor>(attention: T, memory: T, weights: GateWeights): GateResult<T> {
  const both = tf.concat([attention, memory] as Tensor[], attention.rank - 1);
  const hidden = tf.relu(linear(both, weights.first, weights.firstBias));
  const logits = linear(hidden, weights.second, weights.secondBias) as T;
  const gate = tf.sigmoid(logits) as T;
  return { mixed: mix(attention, memory, gate), gate, logits };
}

/** m + g (a - m), with the difference shared between value and gradient. */
function mix<T extends Tensor>(attention: T, memory: T, gate: T): T {
  return withGradient<T>([attention, memory, gate], (a, m, g) => {
    const difference = tf.sub(a!, m!);
    return {
      value: tf.add(m!, tf.mul(g!, difference)) as T,
      saved: [difference, g!],
      gradient: (dy, saved) => {
        const dAttention = tf.mul(dy, saved[1]!);
        return [dAttention, tf.sub(dy, dAttention), tf.mul(dy, saved[0]!)];
      },
    };
  });
}

/**
 * Mean entropy of Bernoulli gates, nats: H(g) = -(g ln g + (1-g) ln(1-g)), at most ln 2 = 0.693.
 *
 * From the logits z it is softplus(z) - z g with softplus(z) = max(z, 0) - ln max(g, 1 - g), exact also where the gate
 * saturates; dH/dz = -z g (1 - g).
 *
 * @param logits,gate the same shape; gate = sigmoid(logits)
 */
export function gateEntropy(logits: Tensor, gate: Tensor): Scalar {
  const fixedGate = gate;
  return withGradient<Scalar>([logits], (z) => ({
    value: tf.mean(tf.sub(softplusOf(z!, fixedGate), tf.mul(z!, fixedGate))) as Scalar,
    saved: [z!, fixedGate],
    gradient: (dy, saved) => {
      const [logit, g] = saved as [Tensor, Tensor];
      const slope = tf.mul(logit, tf.sub(tf.square(g), g));
      return [tf.mul(slope, tf.div(dy, logit.size))];
    },
  }));
}

/** ln(1 + e^z) from z and g = sigmoid(z); the argument of the logarithm is at least 1/2. */
function softplusOf(z: Tensor, g: Tensor): Tensor {
  return tf.sub(tf.relu(z), tf.log(tf.maximum(g, tf.sub(1, g))));
}
