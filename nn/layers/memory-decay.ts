import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import { distances, positionDifference } from './attention-mask.js';

/** Shortest time constant of the capacity groups, tokens */
const SHORTEST = 16;

/**
 * Decay factors of the channel groups. Without a capacity there is one group with `decay`. With one, group 0 keeps
 * `decay` and the others get 1 - 1/tau with tau log-spaced from 16 to `capacity` tokens.
 */
export function groupDecays(decay: number, capacity: number | null, groups: number): number[] {
  if (capacity === null) return [decay];
  const others = Array.from({ length: groups - 1 }, (_, j) => {
    const fraction = groups === 2 ? 1 : j / (groups - 2);
    return 1 - 1 / (SHORTEST * Math.pow(capacity / SHORTEST, fraction));
  });
  return [decay, ...others];
}

/** Decay matrices of one pass, shared by all layers. */
export interface MemoryKernel {
  readonly decays: readonly number[];
  /** float32 [B, T, T]: 1 where s <= t in the same document. */
  readonly causal: Tensor3D;
  /** float32 [B, G, T, T]: (1 - lam_g) lam_g^(t-s) where `causal`, else 0. */
  readonly weights: Tensor4D;
  /** float32 [B, G, T, 1]: lam_g^(t+1) in the row's first document, else 0; what a carried state is worth at t. */
  readonly carried: Tensor4D;
}

/**
 * Parallel form of m_t = lam m_{t-1} + (1 - lam) c_t: m = D c with D[t,s] = (1 - lam) lam^(t-s) for s <= t.
 *
 * @param same float32 [B, T, T]: 1 where two positions share a document
 * @param positions int32 [B, T] where tokens stand in their texts, when that is not 0..T-1: decay goes by them
 */
export function memoryKernel(same: Tensor3D, decays: readonly number[], positions?: Tensor2D): MemoryKernel {
  const length = same.shape[1];
  const back = positionDifference(length);
  const causal = tf.mul(same, tf.cast(tf.greaterEqual(back, 0), 'float32')) as Tensor3D;
  const logDecay = tf.reshape(tf.log(tf.tensor1d([...decays])), [1, decays.length, 1, 1]);
  const share = tf.reshape(tf.tensor1d(decays.map((decay) => 1 - decay)), [1, decays.length, 1, 1]);
  const apart = positions === undefined ? back : tf.expandDims(distances(positions), 1);
  const powers = tf.mul(share, tf.exp(tf.mul(tf.relu(apart), logDecay)));
  const sinceStart =
    positions === undefined
      ? tf.reshape(tf.range(1, length + 1, 1, 'float32'), [1, 1, length, 1])
      : tf.reshape(tf.add(tf.cast(positions, 'float32'), 1), [-1, 1, length, 1]);
  const inFirst = tf.expandDims(tf.slice(same, [0, 0, 0], [-1, -1, 1]), 1);
  return {
    decays,
    causal,
    weights: tf.mul(powers, tf.expandDims(causal, 1)) as Tensor4D,
    carried: tf.mul(tf.exp(tf.mul(sinceStart, logDecay)), inFirst) as Tensor4D,
  };
}
