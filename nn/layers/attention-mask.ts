import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';

/** Added to a masked score: far below any real score, and finite, so a fully masked row gives no NaN. */
export const MASKED_SCORE = -1e9;

/**
 * 1 where position i may see position j: 0 <= i - j <= window, and in the same document.
 *
 * @param same float32 [B, T, T], see {@link sameDocument}
 * @param window how far back a position sees besides itself; Infinity for the whole document
 * @returns float32 [B, T, T]
 */
export function visibility(same: Tensor3D, window: number): Tensor3D {
  return tf.mul(causalBand(same.shape[1], window), same) as Tensor3D;
}

/** 0 where visible, -1e9 elsewhere. @param visible float32 of any shape */
export function additiveMask<T extends Tensor>(visible: T): T {
  return tf.mul(tf.sub(1, visible), MASKED_SCORE) as T;
}

/**
 * 1 where two positions of a row are in the same document.
 *
 * @param segments int32 [B, T], index of the document within the row
 * @returns float32 [B, T, T]
 */
export function sameDocument(segments: Tensor2D): Tensor3D {
  const same = tf.equal(tf.expandDims(segments, 2), tf.expandDims(segments, 1));
  return tf.cast(same, 'float32') as Tensor3D;
}

/** i - j for every pair of positions. float32 [T, T] */
export function positionDifference(length: number): Tensor2D {
  const positions = tf.range(0, length, 1, 'float32');
  return tf.sub(tf.expandDims(positions, 1), tf.expandDims(positions, 0)) as Tensor2D;
}

function causalBand(length: number, window: number): Tensor2D {
  const back = positionDifference(length);
  const causal = tf.greaterEqual(back, 0);
  const band = window >= length - 1 ? causal : tf.logicalAnd(causal, tf.lessEqual(back, window));
  return tf.cast(band, 'float32') as Tensor2D;
}
