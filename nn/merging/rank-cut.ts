import { newBlock, type BlockSource } from './blocks.js';

// Bound once: a global looked up per element is slow where globals are proxied, as under jest.
const { abs, min } = Math;

/**
 * Where the k largest magnitudes end: an element is among them when its magnitude (its bits without the sign) is above
 * `bits`, or equal to it and its index not above `index`. Exactly k elements are, the earlier ones first among equals.
 */
export interface RankCut {
  readonly bits: number;
  readonly index: number;
}

/** All bits of a float32 but its sign: as integers they are in the order of the magnitudes. */
export const MAGNITUDE_BITS = 0x7fffffff;

/** Widths in bits of the digits of a magnitude, highest first; few large histograms pay off for long sources only. */
function digits(length: number): readonly number[] {
  return length < 65536 ? [11, 10, 10] : [16, 15];
}

/**
 * The cut after the `k` largest magnitudes, in O(n) whatever the numbers: a histogram of the highest digit tells which
 * digit the k-th magnitude has, a second pass refines it among those that share it, and so on (radix selection).
 */
export function rankCut(source: BlockSource, k: number): RankCut {
  if (k <= 0) return { bits: MAGNITUDE_BITS, index: -1 };
  if (k >= source.length) return { bits: 0, index: source.length };
  let wanted = k;
  let bits = 0;
  let equal = 0;
  let shift = 31;
  for (const width of digits(source.length)) {
    shift -= width;
    const counts = histogram(source, bits, shift, width);
    let digit = counts.length - 1;
    for (; digit > 0 && counts[digit]! < wanted; digit--) wanted -= counts[digit]!;
    bits = bits * 2 ** width + digit;
    equal = counts[digit]!;
  }
  return { bits, index: wanted === equal ? source.length : indexOfEqual(source, bits, wanted) };
}

/** The magnitude of rank `rank` from below, 0 for the smallest; `rank` in 0..length-1. */
export function magnitudeAtRank(source: BlockSource, rank: number): number {
  const bits = Uint32Array.of(rankCut(source, source.length - rank).bits);
  if (rank > 0) return new Float32Array(bits.buffer)[0]!;
  return smallest(source);
}

/** Counts of the digit at `shift` among the magnitudes whose higher digits are `above`. */
function histogram(source: BlockSource, above: number, shift: number, width: number): Uint32Array {
  const counts = new Uint32Array(2 ** width);
  const { values, bits } = newBlock();
  const mask = counts.length - 1;
  const higher = shift + width;
  for (let start = 0; start < source.length;) {
    const count = source.fill(values, start);
    for (let i = 0; i < count; i++) {
      const magnitude = bits[i]! & MAGNITUDE_BITS;
      if (magnitude >>> higher === above) counts[(magnitude >>> shift) & mask]!++;
    }
    start += count;
  }
  return counts;
}

/** Index of the `wanted`-th element (counted from 1) whose magnitude has exactly these bits. */
function indexOfEqual(source: BlockSource, equalBits: number, wanted: number): number {
  const { values, bits } = newBlock();
  let left = wanted;
  for (let start = 0; start < source.length;) {
    const count = source.fill(values, start);
    for (let i = 0; i < count; i++) {
      if ((bits[i]! & MAGNITUDE_BITS) === equalBits && --left === 0) return start + i;
    }
    start += count;
  }
  return source.length;
}

function smallest(source: BlockSource): number {
  const { values } = newBlock();
  let least = Infinity;
  for (let start = 0; start < source.length;) {
    const count = source.fill(values, start);
    for (let i = 0; i < count; i++) least = min(least, abs(values[i]!));
    start += count;
  }
  return least;
}
