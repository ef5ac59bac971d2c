import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';

/** Bins of |x| from 2^LOWEST on, as many to an octave; what is smaller is in the first, what is larger in the last. */
const LOWEST = -24;
const HIGHEST = 24;
const PER_OCTAVE = 16;
export const MAGNITUDE_BINS = (HIGHEST - LOWEST) * PER_OCTAVE;

/** Most tokens of a batch and use whose numbers are put into bins, which costs more than all sums together. */
const SAMPLED_TOKENS = 64;

/**
 * How many numbers of each magnitude there are, in at most {@link SAMPLED_TOKENS} evenly spaced rows. The space is odd, so that
 * rows of a power of two are not met at the same places again and again.
 *
 * @param size |x| [n, in]
 * @param weight of every row [n]: 1 where it counts
 * @returns [bins]
 */
export function magnitudeHistogram(size: Tensor2D, weight: Tensor1D): Tensor1D {
  const space = Math.ceil(size.shape[0] / SAMPLED_TOKENS);
  const odd = space % 2 === 0 ? space + 1 : space;
  const some = tf.stridedSlice(size, [0, 0], size.shape, [odd, 1]);
  const counted = tf.stridedSlice(weight, [0], weight.shape, [odd]);
  const octave = tf.div(tf.log(tf.maximum(some, 2 ** LOWEST)), Math.LN2);
  const bin = tf.floor(tf.mul(tf.sub(octave, LOWEST), PER_OCTAVE));
  const index = tf.cast(tf.clipByValue(bin, 0, MAGNITUDE_BINS - 1), 'int32');
  const counts = tf.mul(tf.onesLike(some), tf.expandDims(counted, 1));
  return tf.unsortedSegmentSum(tf.reshape(counts, [-1]), tf.reshape(index, [-1]) as Tensor1D, MAGNITUDE_BINS);
}

/**
 * A percentile of |x| by nearest rank: the geometric middle of its bin, which is right to 2.2 % (half of a sixteenth of an
 * octave), and 0 below 2^-24.
 *
 * @param percent 0..100
 */
export function magnitudePercentile(histogram: ArrayLike<number>, percent: number): number {
  let total = 0;
  for (let bin = 0; bin < histogram.length; bin++) total += histogram[bin]!;
  const rank = Math.max(1, (total * percent) / 100);
  let below = 0;
  for (let bin = 0; bin < histogram.length; bin++) {
    below += histogram[bin]!;
    if (below >= rank) return bin === 0 ? 0 : 2 ** (LOWEST + (bin + 0.5) / PER_OCTAVE);
  }
  return 0;
}
