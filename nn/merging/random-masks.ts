import { fillBernoulli, wordAt, type StreamKey } from '../random/index.js';
import { deltasOf } from './blocks.js';
import { MAGNITUDE_BITS } from './rank-cut.js';

const WORDS = 4294967296;

/** 1 with probability `density`, independently (DARE, Yu et al. 2024). */
export function bernoulliMask(length: number, density: number, key: StreamKey): Uint8Array {
  const mask = new Uint8Array(length);
  fillBernoulli(key, mask, density);
  return mask;
}

export interface RankedSettings {
  /** Mean probability to be kept. */
  readonly density: number;
  /** The smallest magnitude of a row is kept with density - epsilon, the largest with density + epsilon. */
  readonly epsilon: number;
  /** Elements per row; the last axis of the tensor. */
  readonly rowLength: number;
}

/**
 * Keeps each delta with a probability that grows linearly with the rank of its magnitude in its row (MagPrune of DELLA,
 * Deep et al. 2024). A row of one element is kept with `density`.
 */
export function rankedMask(
  model: Float32Array,
  base: Float32Array,
  settings: RankedSettings,
  key: StreamKey,
): Uint8Array {
  const { density, epsilon, rowLength } = settings;
  const mask = new Uint8Array(model.length);
  const ranker = new RowRanker(rowLength);
  const step = rowLength > 1 ? (2 * epsilon) / (rowLength - 1) : 0;
  const lowest = rowLength > 1 ? density - epsilon : density;
  for (let start = 0; start < model.length; start += rowLength) {
    const row = deltasOf(model.subarray(start, start + rowLength), base.subarray(start, start + rowLength));
    const order = ranker.ascending((values, from) => row.fill(values, from));
    for (let rank = 0; rank < rowLength; rank++) {
      const at = start + order[rank]!;
      mask[at] = +(wordAt(key, at) < (lowest + rank * step) * WORDS);
    }
  }
  return mask;
}

/** Sorts rows of one length by magnitude; the same digit by digit from the lowest, so equal ones stay in order. */
class RowRanker {
  private readonly width: number;
  private readonly magnitudes: Uint32Array;
  private readonly places: Uint32Array;
  private order: Uint32Array;
  private spare: Uint32Array;

  constructor(private readonly length: number) {
    this.width = length < 1024 ? 8 : 11;
    this.magnitudes = new Uint32Array(length);
    this.order = new Uint32Array(length);
    this.spare = new Uint32Array(length);
    this.places = new Uint32Array(2 ** this.width);
  }

  /** Indices of the row from its smallest magnitude to its largest; the array is overwritten by the next call. */
  ascending(fill: (values: Float32Array, start: number) => number): Uint32Array {
    const values = new Float32Array(this.magnitudes.buffer);
    for (let start = 0; start < this.length;) start += fill(values.subarray(start), start);
    for (let i = 0; i < this.length; i++) {
      this.magnitudes[i] = this.magnitudes[i]! & MAGNITUDE_BITS;
      this.order[i] = i;
    }
    for (let shift = 0; shift < 31; shift += this.width) this.sortByDigit(shift);
    return this.order;
  }

  private sortByDigit(shift: number): void {
    const { magnitudes, places, order, spare, length } = this;
    const mask = places.length - 1;
    places.fill(0);
    for (let i = 0; i < length; i++) places[(magnitudes[i]! >>> shift) & mask]!++;
    let before = 0;
    for (let digit = 0; digit < places.length; digit++) {
      const count = places[digit]!;
      places[digit] = before;
      before += count;
    }
    for (let i = 0; i < length; i++) {
      const index = order[i]!;
      spare[places[(magnitudes[index]! >>> shift) & mask]!++] = index;
    }
    this.order = spare;
    this.spare = order;
  }
}
