import type { PackedMatrix } from '../../core/contracts/compressor.js';
import { codeOf, codesOf } from './codes.js';

const repacked = new WeakMap<PackedMatrix, Map<number, PackedMatrix>>();

/**
 * The same weights in codes of more bits, for kernels that know no fewer; made once per matrix.
 * @param bits at least those of the matrix: every weight keeps its value
 */
export function withBits(packed: PackedMatrix, bits: PackedMatrix['bits']): PackedMatrix {
  if (packed.bits === bits) return packed;
  const known = repacked.get(packed) ?? new Map<number, PackedMatrix>();
  repacked.set(packed, known);
  const made = known.get(bits) ?? { ...packed, bits, codes: widened(packed, bits) };
  known.set(bits, made);
  return made;
}

/** The middle of the codes is zero, whatever their number. */
function widened({ bits: before, codes }: PackedMatrix, bits: PackedMatrix['bits']): Uint8Array {
  const count = (codes.length * 8) / before;
  const shift = (1 << (bits - 1)) - (1 << (before - 1));
  return codesOf(count, bits, (i) => codeOf(codes, before, i) + shift);
}
