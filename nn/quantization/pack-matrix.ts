import type { CompressionHints, PackedMatrix } from '../../core/contracts/compressor.js';
import { rowsOf, together } from './rows.js';

/** Codes of a matrix and what they are multiplied by. */
export interface MatrixCodes {
  readonly shape: readonly number[];
  /** Signed, as the matrix lies. */
  readonly codes: Int8Array;
  /** Scale of weight `k` of a row of outputs; the same for all weights of a block. */
  readonly scale: (row: number, k: number) => number;
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
  const packed = new Uint8Array((rows.count * width * bits) / 8);
  const scales = new Float32Array(rows.count * blocks);
  const ofRows = together(codes, rows, () => new Int8Array(codes.length));
  for (let row = 0; row < rows.count; row++) {
    for (let b = 0; b < blocks; b++) scales[row * blocks + b] = scale(row, b * block);
    packRow(
      packed.subarray((row * width * bits) / 8, ((row + 1) * width * bits) / 8),
      ofRows.subarray(row * rows.length, (row + 1) * rows.length),
      bits,
    );
  }
  return { out: rows.count, in: rows.length, bits, block, codes: packed, scales };
}

/** Codes moved up; what fills the row up is the code of zero. */
function packRow(bytes: Uint8Array, codes: Int8Array, bits: PackedMatrix['bits']): void {
  const zero = 1 << (bits - 1);
  for (let byte = 0, k = 0; byte < bytes.length; byte++) {
    let value = 0;
    for (let shift = 0; shift < 8; shift += bits, k++)
      value |= (zero + (k < codes.length ? codes[k]! : 0)) << shift;
    bytes[byte] = value;
  }
}
