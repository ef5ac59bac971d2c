import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import { linear } from './linear.js';
import { lastOfRows } from './last-of-rows.js';
import type { MemoryKernel } from './memory-decay.js';
import { writeWeights, type ErrorTally, type WriteRule } from './memory-write.js';
import { stopGradient } from './stop-gradient.js';

/** Weights of the memory: down [d, m], up [m, d]. */
export interface MemoryWeights {
  readonly down: Tensor2D;
  readonly up: Tensor2D;
}

/**
 * What one window of a document hands to the next, per row and without gradient. It belongs to the last document
 * of the row; give it back only when the next window's first document continues it, or multiply by zero. All zero is
 * the start of a document.
 */
export interface MemoryCarry {
  /** [B, m] state after the last token */
  readonly state: Tensor2D;
  /** [B, m] plain average mbar after the last token; equals `state` when every token is written fully */
  readonly mean: Tensor2D;
  readonly tally: ErrorTally;
}

export interface MemoryResult {
  /** [B, T, d] */
  readonly output: Tensor3D;
  /** [B, T, m] the states m_t */
  readonly state: Tensor3D;
  /** [B, T, 1] surprise s_t; null when every token is written fully */
  readonly surprise: Tensor3D | null;
  readonly carry: MemoryCarry;
}

/**
 * Titans-style linear memory: c = x W_down; m_t = lam m_{t-1} + (1 - lam) w_t c_t; output m W_up, all
 * positions at once. A simplification of Titans (Behrouz et al. 2024), whose memory is a network updated by
 * gradient steps.
 *
 * @param x [B, T, d]
 * @param rule null writes every token fully (w = 1)
 * @param carry state at the start of each row; null is zero
 * @param counts int32 [B]: how many tokens of each row are real, the padding comes last; null is all. What is handed
 * on is the state after the last real one
 */
export function linearMemory(
  x: Tensor3D,
  weights: MemoryWeights,
  kernel: MemoryKernel,
  rule: WriteRule | null = null,
  carry: MemoryCarry | null = null,
  counts: Tensor1D | null = null,
): MemoryResult {
  const content = linear(x, weights.down);
  const last = (of: Tensor3D, before: Tensor2D | undefined): Tensor2D =>
    stopGradient(lastOfRows(of, before ?? null, counts));
  if (rule === null) {
    const state = decayedSum(content, kernel, carry?.state ?? null);
    const left = last(state, carry?.state);
    return result(state, null, weights, { state: left, mean: left, tally: noTally(x) });
  }
  const seen = stopGradient(content);
  const mean = decayedSum(seen, kernel, carry?.mean ?? null);
  const write = writeWeights(seen, previousStates(mean, seen, kernel), rule, kernel, carry?.tally ?? null);
  const state = decayedSum(
    tf.mul(content, stopGradient(write.weight)) as Tensor3D,
    kernel,
    carry?.state ?? null,
  );
  return result(state, write.surprise, weights, {
    state: last(state, carry?.state),
    mean: last(mean, carry?.mean),
    tally: {
      sum: last(write.running.sum, carry?.tally.sum),
      count: last(write.running.count, carry?.tally.count),
    },
  });
}

function result(
  state: Tensor3D,
  surprise: Tensor3D | null,
  weights: MemoryWeights,
  carry: MemoryCarry,
): MemoryResult {
  return { output: linear(state, weights.up), state, surprise, carry };
}

/**
 * sum_{s<=t} (1 - lam) lam^(t-s) c_s + lam^(t+1) m_{-1}, one matrix product per decay group.
 *
 * @param content [B, T, m]
 * @param start m_{-1} [B, m]
 */
export function decayedSum(content: Tensor3D, kernel: MemoryKernel, start: Tensor2D | null): Tensor3D {
  const grouped = toGroups(content, kernel.decays.length);
  // One token: a product per channel, which engines do faster than as many products of matrices.
  const inside =
    content.shape[1] === 1
      ? (tf.mul(kernel.weights, grouped) as Tensor4D)
      : (tf.matMul(kernel.weights, grouped) as Tensor4D);
  if (start === null) return fromGroups(inside);
  const [rows, width] = start.shape;
  const groups = kernel.decays.length;
  const before = tf.reshape(stopGradient(start), [rows, groups, 1, width / groups]);
  return fromGroups(tf.add(inside, tf.mul(kernel.carried, before)));
}

/** mbar_{t-1} from mbar_t = lam mbar_{t-1} + (1 - lam) c_t: no shift across documents is needed. */
function previousStates(mean: Tensor3D, content: Tensor3D, kernel: MemoryKernel): Tensor3D {
  const perGroup = content.shape[2] / kernel.decays.length;
  const perChannel = (of: (decay: number) => number): Tensor3D =>
    tf.tensor3d(
      kernel.decays.flatMap((decay) => new Array<number>(perGroup).fill(of(decay))),
      [1, 1, content.shape[2]],
    );
  const kept = tf.sub(
    mean,
    tf.mul(
      content,
      perChannel((decay) => 1 - decay),
    ),
  );
  return tf.div(
    kept,
    perChannel((decay) => decay),
  );
}

/** [B, T, m] -> [B, G, T, m/G] */
function toGroups(x: Tensor3D, groups: number): Tensor4D {
  const [rows, length, width] = x.shape;
  if (groups === 1) return tf.reshape(x, [rows, 1, length, width]);
  return tf.transpose(tf.reshape(x, [rows, length, groups, width / groups]), [0, 2, 1, 3]);
}

/** [B, G, T, m/G] -> [B, T, m] */
function fromGroups(x: Tensor4D): Tensor3D {
  const [rows, groups, length, width] = x.shape;
  if (groups === 1) return tf.reshape(x, [rows, length, width]);
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [rows, length, groups * width]);
}

function noTally(x: Tensor3D): ErrorTally {
  return { sum: tf.zeros([x.shape[0], 1]), count: tf.zeros([x.shape[0], 1]) };
}
