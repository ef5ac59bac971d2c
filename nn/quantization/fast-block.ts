/** The CPU kernels of 2 bits unpack the whole matrix in every run where blocks are larger, or smaller than 32. */
const LONGEST = 128;
const SHORTEST = 32;

/**
 * Weights that share a scale for the fastest product, where the format leaves them free (a scale per row or tensor):
 * 128, or fewer where that would pad the rows by more than an eighth. Measured in docs/ternary-runtime.md.
 *
 * @param width K, inputs of a row
 */
export function fastBlock(width: number): number {
  let block = LONGEST;
  while (block > SHORTEST && Math.ceil(width / block) * block > 1.125 * width) block /= 2;
  return block;
}
