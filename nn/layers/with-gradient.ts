import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';

/** What a hand-differentiated operation returns from its forward pass. */
export interface Differentiated<T extends Tensor> {
  readonly value: T;
  /** Tensors that the backward pass needs; they outlive the forward scope. */
  readonly saved: readonly Tensor[];
  /** Gradients with respect to each input, in order. Must use `saved`, not tensors of the forward pass. */
  gradient(dy: T, saved: readonly Tensor[]): readonly Tensor[];
}

/**
 * Run `forward` on `inputs` with a hand-written gradient. Nothing inside `forward` is recorded on the tape, so only
 * what is listed in `saved` is kept until the backward pass.
 */
export function withGradient<T extends Tensor>(
  inputs: readonly Tensor[],
  forward: (...inputs: Tensor[]) => Differentiated<T>,
): T {
  const operation = tf.customGrad<T>((...passed) => {
    const save = passed[passed.length - 1] as (tensors: Tensor[]) => void;
    const result = forward(...(passed.slice(0, -1) as Tensor[]));
    save([...result.saved]);
    return { value: result.value, gradFunc: (dy: T, saved: Tensor[]) => [...result.gradient(dy, saved)] };
  });
  return operation(...inputs);
}
