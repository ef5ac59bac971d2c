import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';

/** Added to a masked score: far below any real score, and finite, so a fully masked row gives no NaN. */
export const MASKED_SCORE = -1e9;

/** Queries that are worked on together. */
const QUERY_BLOCK = 256;

/** The visible part of a block of queries: rows `start`..`end` see only keys from `firstKey` on and before `end`. */
export interface MaskBlock {
  readonly start: number;
  readonly end: number;
  readonly firstKey: number;
  /** float32 [B, 1, end - start, end - firstKey]: 0 where visible, -1e9 elsewhere. */
  readonly additive: Tensor4D;
}

/** What all attentions of one pass share; made once per pass. */
export interface AttentionMask {
  readonly length: number;
  readonly blocks: readonly MaskBlock[];
}

/**
 * Causal sliding-window mask: position i sees j iff 0 <= i - j <= window in the same document. It is cut into blocks
 * of queries, each with only the keys that its window can reach, so long sequences cost length times window.
 *
 * @param same float32 [B, T, T], see {@link sameDocument}
 * @param window how far back a position sees besides itself; Infinity for the whole document
 * @param positions int32 [B, T] where tokens stand in their texts, when that is not 0..T-1: the window is counted in
 * them, and "causal" stays the order of the row
 */
export function attentionMask(
  same: Tensor3D,
  window: number,
  { positions, blockSize = QUERY_BLOCK }: { positions?: Tensor2D; blockSize?: number } = {},
): AttentionMask {
  const length = same.shape[1];
  if (positions !== undefined) return positionedMask(same, window, positions);
  const blocks: MaskBlock[] = [];
  for (let start = 0; start < length; start += blockSize) {
    const end = Math.min(start + blockSize, length);
    const firstKey = reachedBlock(start - window, blockSize);
    const within = tf.slice(same, [0, start, firstKey], [-1, end - start, end - firstKey]);
    const back = tf.slice(positionDifference(length), [start, firstKey], [end - start, end - firstKey]);
    const hidden = tf.sub(1, tf.mul(inBand(back, window), within));
    blocks.push({ start, end, firstKey, additive: tf.expandDims(tf.mul(hidden, MASKED_SCORE), 1) });
  }
  return { length, blocks };
}

/** One block: positions that are given may lie anywhere, so that no key can be left out beforehand. */
function positionedMask(same: Tensor3D, window: number, positions: Tensor2D): AttentionMask {
  const length = same.shape[1];
  const causal = tf.cast(tf.greaterEqual(positionDifference(length), 0), 'float32');
  const near = tf.cast(tf.lessEqual(distances(positions), Math.min(window, length)), 'float32');
  const hidden = tf.sub(1, tf.mul(tf.mul(causal, near), same));
  const additive = tf.expandDims(tf.mul(hidden, MASKED_SCORE), 1) as Tensor4D;
  return { length, blocks: [{ start: 0, end: length, firstKey: 0, additive }] };
}

/** p_i - p_j for every pair of a row. @param positions int32 [B, T] @returns float32 [B, T, T] */
export function distances(positions: Tensor2D): Tensor3D {
  const p = tf.cast(positions, 'float32');
  return tf.sub(tf.expandDims(p, 2), tf.expandDims(p, 1)) as Tensor3D;
}

/** Start of the block that holds the position, so that keys divide into the same blocks as queries. */
function reachedBlock(position: number, blockSize: number): number {
  return Math.max(0, Math.floor(position / blockSize) * blockSize);
}

/** 1 where 0 <= i - j <= window. */
function inBand(back: Tensor2D, window: number): Tensor {
  const causal = tf.greaterEqual(back, 0);
  const band = Number.isFinite(window) ? tf.logicalAnd(causal, tf.lessEqual(back, window)) : causal;
  return tf.cast(band, 'float32');
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
