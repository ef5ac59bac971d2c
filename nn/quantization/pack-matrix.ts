import type { CompressionHints, PackedMatrix } from '../../core/contracts/compressor.js';
import { rowsOf } from './rows.js';

/** Codes of a matrix and what they are multiplied by. */
export interface MatrixCodes {
  readonly shape: readonly number[];
  /** Signed, as the matrix lies. */
  readonly codes: Int8Array;
  /** Scale of weight `k` of a row of outputs; the same for all weights of a block. */
  readonly scale: (row: number, k: number) => number;
}

/** Smallest block that kernels take. */
const LEAST_BLOCK = 16;

/** The largest power of two from 16 to `most` that fills rows of `length` weights up the least. */
export function fittingBlock(length: number, most: number): number {
  const least = Math.ceil(length / LEAST_BLOCK) * LEAST_BLOCK;
  let block = LEAST_BLOCK;
  while (2 * block <= most && least % (2 * block) === 0) block *= 2;
  return block;
}

/**
 * Codes as kernels multiply with them: rows of outputs, moved up by 2^(bits - 1), low bits first.
 * @throws RangeError for what is no matrix
 */
export function packMatrix(
  { shape, codes, scale }: MatrixCodes,
  { bits, block }: Pick<PackedMatrix, 'bits' | 'block'>,
  hints: CompressionHints = {},
): PackedMatrix {
  if (shape.length !== 2) throw new RangeError(`a tensor of shape [${shape.join(', ')}] is no matrix`);
  const rows = rowsOf(shape, 'row', hints);
  const blocks = Math.ceil(rows.length / block);
  const width = blocks * block;
  const zero = 1 << (bits - 1);
  const perByte = 8 / bits;
  const packed = new Uint8Array((rows.count * width * bits) / 8);
  const scales = new Float32Array(rows.count * blocks);
  for (let row = 0; row < rows.count; row++) {
    for (let b = 0; b < blocks; b++) scales[row * blocks + b] = scale(row, b * block);
    for (let k = 0; k < width; k++) {
      const at = row * width + k;
      const code = zero + (k < rows.length ? codes[rows.at(row, k)]! : 0);
      packed[Math.floor(at / perByte)]! |= code << (bits * (at % perByte));
    }
  }
  return { out: rows.count, in: rows.length, bits, block, codes: packed, scales };
}
