import type { HostTensor } from '../../core/contracts/tensor.js';
import type { CarriedGroup } from '../training/state.js';

/**
 * From this many rows on the time of a pass grows with rows and tokens: rows that have ended are worth leaving out, and
 * padding is worth another pass. With fewer a pass takes about the same time whatever it reads.
 */
export const MANY_ROWS = 8;

/** The rows, half of them, half of those and so on, as long as that is worth a program. */
export function halvings(rows: number): number[] {
  const sizes = [rows];
  for (let half = rows / 2; half >= MANY_ROWS && Number.isInteger(half); half /= 2) sizes.push(half);
  return sizes;
}

/** Where the carried tensors of so many rows are kept. @param most rows of the reader */
export function groupOf(rows: number, most: number): CarriedGroup {
  return rows === most ? 'carried' : `carried-${rows}`;
}

/** Some rows of a tensor (its first axis), and zeros up to `rows`. */
export function rowsOf(
  { shape, dtype, data }: HostTensor,
  kept: readonly number[],
  rows: number,
): HostTensor {
  const size = data.length / shape[0]!;
  const chosen = data.slice(0, rows * size).fill(0);
  kept.forEach((row, i) => chosen.set(data.subarray(row * size, (row + 1) * size), i * size));
  return { dtype, shape: [rows, ...shape.slice(1)], data: chosen };
}
