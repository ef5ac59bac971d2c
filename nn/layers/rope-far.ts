import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import { ropeAt, ropeTable, type RopeTable } from './rope.js';

/** Rows of each of the two tables that positions are looked up in. */
const ROWS = 1024;

/** Positions that {@link ropeFar} knows: 1,048,576. */
export const FARTHEST_POSITION = ROWS * ROWS;

/**
 * Rotary angles of positions far beyond any table: position 1024 a + b is turned by the sum of the angles of 1024 a and
 * of b, which lie in two tables made in double precision. Computed in float32, the angle of position 10,000 would be
 * wrong in its fourth digit.
 *
 * @param positions int32 [B, T], below {@link FARTHEST_POSITION}
 * @returns tables [B, T, 1, dh]
 */
export function ropeFar(positions: Tensor2D, headWidth: number, theta: number): RopeTable {
  const rows = tf.scalar(ROWS, 'int32');
  const coarse = ropeAt(ropeTable(ROWS, headWidth, theta, 1, ROWS), tf.floorDiv(positions, rows) as Tensor2D);
  const fine = ropeAt(ropeTable(ROWS, headWidth, theta), tf.mod(positions, rows) as Tensor2D);
  // cos(a + b) and sin(a + b); the sign of the first half's sines comes out right in both.
  return {
    cosine: tf.sub(tf.mul(coarse.cosine, fine.cosine), tf.mul(coarse.sine, fine.sine)),
    sine: tf.add(tf.mul(coarse.sine, fine.cosine), tf.mul(coarse.cosine, fine.sine)),
  };
}
