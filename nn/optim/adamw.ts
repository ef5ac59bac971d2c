import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor } from '@tensorflow/tfjs';

export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled: W <- W (1 - lr wd) before the step. */
  readonly weightDecay: number;
}

export interface AdamWUpdate {
  readonly weight: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
  /** What was subtracted besides the decay. */
  readonly change: Tensor;
}

/** Factors that are the same for all tensors of one update. */
export interface AdamWStep {
  /** lr / (1 - beta1^t) */
  readonly rate: Scalar;
  /** 1 / sqrt(1 - beta2^t) */
  readonly secondCorrection: Scalar;
  readonly learningRate: Scalar;
}

/** Bias corrections of step t (1 at the first). @param learningRate already multiplied by the schedule */
export function adamWStep(
  step: Scalar,
  learningRate: Scalar,
  settings: Pick<AdamWSettings, 'beta1' | 'beta2'>,
): AdamWStep {
  const remaining = (beta: number): Tensor => tf.sub(1, tf.exp(tf.mul(step, Math.log(beta))));
  return {
    rate: tf.div(learningRate, remaining(settings.beta1)) as Scalar,
    secondCorrection: tf.rsqrt(remaining(settings.beta2)) as Scalar,
    learningRate,
  };
}

/** AdamW (Loshchilov and Hutter 2019). @param first,second the moments, zero before the first update */
export function adamWUpdate(
  weight: Tensor,
  gradient: Tensor,
  first: Tensor,
  second: Tensor,
  step: AdamWStep,
  settings: AdamWSettings,
): AdamWUpdate {
  const { beta1, beta2, epsilon, weightDecay } = settings;
  const mean = tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1));
  const power = tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const spread = tf.add(tf.mul(tf.sqrt(power), step.secondCorrection), epsilon);
  const change = tf.div(tf.mul(mean, step.rate), spread);
  const kept = weightDecay === 0 ? weight : tf.mul(weight, tf.sub(1, tf.mul(step.learningRate, weightDecay)));
  return { weight: tf.sub(kept, change), first: mean, second: power, change };
}
