import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { distances, positionDifference } from './attention-mask.js';
import { withGradient } from './with-gradient.js';

/** Where the taps of a convolution find the tokens before each token; made once per pass, for all convolutions. */
export interface EarlierTokens {
  /** One for each of the taps 1, 2, ...: what says which token, if any, stands that far before. */
  readonly taps: readonly Tensor3D[];
  /** `shifts`: float32 [B, T, 1], 1 where the token that far before in the row counts; `picks`: float32 [B, T, T]. */
  readonly kind: 'shifts' | 'picks';
}

/**
 * The token j before is the one that stands j places before in the same text and is visible. Where there is none (the
 * start of a document, a token that the mask hides) a tap reads zero.
 *
 * @param visible float32 [B, T, T]: 1 where two positions share a document and the first may see the second
 * @param width taps w of the convolution, its own token's among them
 * @param positions int32 [B, T] where tokens stand in their texts, when that is not 0..T-1: places are counted in them,
 * and no token reads one that comes later in the row
 */
export function earlierTokens(visible: Tensor3D, width: number, positions?: Tensor2D): EarlierTokens {
  const back = Array.from({ length: width - 1 }, (_, i) => i + 1);
  if (positions === undefined) return { kind: 'shifts', taps: back.map((j) => seenBefore(visible, j)) };
  const later = tf.cast(tf.greater(positionDifference(visible.shape[1]), 0), 'float32');
  const causal = tf.mul(visible, later);
  const apart = distances(positions);
  const taps = back.map((j) => tf.mul(causal, tf.cast(tf.equal(apart, j), 'float32')) as Tensor3D);
  return { kind: 'picks', taps };
}

/** visible[t, t - j] for every t, 0 where t < j: a diagonal. @returns [B, T, 1] */
function seenBefore(visible: Tensor3D, j: number): Tensor3D {
  const [rows, length] = visible.shape;
  if (j >= length) return tf.zeros([rows, length, 1]);
  const flat = tf.reshape(visible, [rows, length * length]);
  const diagonal = tf.stridedSlice(flat, [0, j * length], [rows, length * length], [1, length + 1]);
  return tf.concat([tf.zeros([rows, j, 1]), tf.reshape(diagonal, [rows, length - j, 1])], 1) as Tensor3D;
}

/**
 * A causal convolution per channel over the last w tokens of a document, around which the token itself goes on:
 * y_t = x_t + sum_{j<w} c_j * x_{t-j}. Behrouz et al. 2024 (Titans, 4.4) have one after the projections to queries, keys
 * and values; the residual form is that of Allen-Zhu 2025 (Canon layers). With u_j the sum of dy over the tokens that read
 * a token with tap j, dx = dy + sum_j c_j * u_j and dc_j = sum u_j * x: a pass keeps only x.
 *
 * @param x [B, T, d]
 * @param kernel c [w, d]; c_0 belongs to the token itself
 * @returns [B, T, d]
 */
export function shortConvolution(x: Tensor3D, kernel: Tensor2D, { kind, taps }: EarlierTokens): Tensor3D {
  return withGradient<Tensor3D>([x, kernel], (input, c) => {
    const read = earlier(input as Tensor3D, kind, taps);
    return {
      value: weighed([input!, ...read], c as Tensor2D),
      saved: [input!, c!, ...taps],
      gradient: (dy, [seen, weights, ...savedTaps]) => {
        const readers = savedTaps.map((tap, i) => after(dy, i + 1, kind, tap as Tensor3D));
        const perTap = [dy, ...readers];
        const dKernel = tf.stack(perTap.map((reader) => tf.sum(tf.mul(reader, seen!), [0, 1])));
        return [weighed(perTap, weights as Tensor2D), dKernel];
      },
    };
  });
}

/** A convolution that went on after the tokens before. */
export interface ContinuedConvolution {
  /** [B, T, d] */
  readonly output: Tensor3D;
  /** [B, w - 1, d]: the last tokens that were read, the newest first, zeros for those that were not; null where w = 1. */
  readonly next: Tensor3D | null;
}

/**
 * {@link shortConvolution} of new tokens of one document per row, with the tokens before them at hand. Not for training.
 *
 * @param x [B, T, d]
 * @param kernel c [w, d]
 * @param last {@link ContinuedConvolution.next} of the tokens before, all zero at the start; null where w = 1
 * @param counts int32 [B]: how many of the new tokens of each row are real; the padding comes last
 */
export function continueConvolution(
  x: Tensor3D,
  kernel: Tensor2D,
  last: Tensor3D | null,
  counts: Tensor1D,
): ContinuedConvolution {
  if (last === null) return { output: weighed([x], kernel), next: null };
  if (x.shape[1] === 1) return oneMore(x, kernel, last, counts);
  const kept = last.shape[1];
  const all = tf.concat([tf.reverse(last, 1), x], 1);
  const read = Array.from({ length: kept }, (_, i) =>
    tf.slice(all, [0, kept - 1 - i, 0], [-1, x.shape[1], -1]),
  );
  return { output: weighed([x, ...read], kernel), next: newestOf(all, counts, kept) };
}

/** A single token: few operations, for on so few numbers each costs the same. */
function oneMore(x: Tensor3D, kernel: Tensor2D, last: Tensor3D, counts: Tensor1D): ContinuedConvolution {
  const all = tf.concat([x, last], 1);
  const real = tf.reshape(tf.greater(counts, tf.scalar(0, 'int32')), [-1, 1, 1]);
  return {
    output: tf.add(x, tf.sum(tf.mul(all, kernel), 1, true)),
    next: tf.where(real, tf.slice(all, [0, 0, 0], [-1, last.shape[1], -1]), last),
  };
}

/**
 * @param all [B, kept + T, d], the oldest first
 * @param counts int32 [B]: how many of the T count
 * @returns [B, kept, d], the newest first
 */
function newestOf(all: Tensor3D, counts: Tensor1D, kept: number): Tensor3D {
  const [rows, entries, channels] = all.shape;
  const newest = tf.add(tf.range(kept - 1, rows * entries, entries, 'int32'), counts);
  const at = tf.sub(tf.expandDims(newest, 1), tf.expandDims(tf.range(0, kept, 1, 'int32'), 0));
  const flat = tf.reshape(all, [rows * entries, channels]);
  return tf.reshape(tf.gather(flat, tf.reshape(at, [rows * kept]) as Tensor1D), [rows, kept, channels]);
}

/** x_0 + sum_j c_j * x_j. @param x one [B, T, d] per tap */
function weighed(x: readonly Tensor[], kernel: Tensor2D): Tensor3D {
  const row = (j: number): Tensor => tf.slice(kernel, [j, 0], [1, -1]);
  return x
    .slice(1)
    .reduce(
      (sum, each, i) => tf.add(sum, tf.mul(each, row(i + 1))),
      tf.mul(x[0]!, tf.add(row(0), 1)),
    ) as Tensor3D;
}

/** Per tap j = 1, 2, ... x_{t-j} at every t, or zero. Shifted rows are windows of one padded copy. */
function earlier(x: Tensor3D, kind: EarlierTokens['kind'], taps: readonly Tensor3D[]): Tensor3D[] {
  if (kind === 'picks') return taps.map((tap) => tf.matMul(tap, x));
  if (taps.length === 0) return [];
  const far = taps.length;
  const padded = tf.pad(x, [
    [0, 0],
    [far, 0],
    [0, 0],
  ]);
  return taps.map((tap, i) => {
    const shiftedRow = tf.slice(padded, [0, far - 1 - i, 0], [-1, x.shape[1], -1]);
    return tf.mul(shiftedRow, tap) as Tensor3D;
  });
}

/** The transpose of {@link earlier} for tap j: at every s the sum over the t that read it. */
function after(dy: Tensor3D, j: number, kind: EarlierTokens['kind'], tap: Tensor3D): Tensor3D {
  return kind === 'picks' ? tf.matMul(tap, dy, true) : broughtForward(tf.mul(dy, tap) as Tensor3D, j);
}

/** Every row j tokens earlier, with zeros where nothing comes from. */
function broughtForward(x: Tensor3D, j: number): Tensor3D {
  const [rows, length, channels] = x.shape;
  if (j >= length) return tf.zerosLike(x);
  const kept = tf.slice(x, [0, j, 0], [-1, length - j, -1]);
  return tf.concat([kept, tf.zeros<tf.Rank.R3>([rows, j, channels])], 1);
}
