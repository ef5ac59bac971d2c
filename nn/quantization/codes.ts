import type { PackedMatrix } from '../../core/contracts/compressor.js';

type Bits = PackedMatrix['bits'];

/** Code `i` of a row of codes, low bits first. */
export function codeOf(codes: Uint8Array, bits: Bits, i: number): number {
  const at = i * bits;
  return (codes[at >> 3]! >> (at & 7)) & ((1 << bits) - 1);
}

/** Codes in bytes, low bits first. @param code of place i, 0..2^bits - 1 */
export function codesOf(count: number, bits: Bits, code: (i: number) => number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((count * bits) / 8));
  for (let i = 0; i < count; i++) {
    const at = i * bits;
    bytes[at >> 3]! |= code(i) << (at & 7);
  }
  return bytes;
}
