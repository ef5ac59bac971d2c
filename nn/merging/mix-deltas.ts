import { BLOCK, deltasOf, newBlock, type Block } from './blocks.js';
import { MAGNITUDE_BITS } from './rank-cut.js';
import type { Trim } from './trim.js';
import { weightedSum } from './weighted-sum.js';

// Bound once: a global looked up per element is slow where globals are proxied, as under jest.
const { abs, floor } = Math;

/** What one model contributes: weight * scale * trim(model - base). */
export interface TaskVector {
  readonly model: Float32Array;
  readonly weight: number;
  /** Null keeps everything. */
  readonly trim: Trim | null;
  /** Makes up for what was dropped. */
  readonly scale: number;
}

export interface MixSettings {
  /**
   * Which sign wins where models disagree: that of the weighted sum, that of more models, or none is asked for. 0
   * counts as plus. Deltas of the other sign, and zeros, then drop out.
   */
  readonly consensus: 'sum' | 'count' | null;
  /** Divide by the weights that took part (with consensus, element by element). */
  readonly normalize: boolean;
  /** Factor of the mixed delta. */
  readonly lambda: number;
}

/** A sum of weights this small is not divided by. */
const LEAST_DIVISOR = 1e-8;

/**
 * base + lambda * mixed deltas: the frame of task arithmetic, TIES, DARE, Breadcrumbs and DELLA
 * (Ilharco et al. 2023, equation 1, with the models' differences mixed first).
 *
 * @param given memory for the result, apart from base and models; new memory without it
 */
export function mixDeltas(
  base: Float32Array,
  vectors: readonly TaskVector[],
  settings: MixSettings,
  given?: Float32Array,
): Float32Array {
  const result = (): Float32Array => given ?? new Float32Array(base.length);
  if (settings.consensus) return mixAgreeing(result(), base, vectors, settings);
  const total = vectors.reduce((sum, { weight }) => sum + weight, 0);
  const divisor = settings.normalize && abs(total) >= LEAST_DIVISOR ? total : 1;
  const factors = vectors.map(({ weight, scale }) => (settings.lambda * weight * scale) / divisor);
  if (vectors.every(({ trim }) => !trim)) {
    const rest = 1 - factors.reduce((sum, factor) => sum + factor, 0);
    return weightedSum([base, ...vectors.map(({ model }) => model)], [rest, ...factors], given);
  }
  return sumTrimmed(result(), base, vectors, factors);
}

function sumTrimmed(
  out: Float32Array,
  base: Float32Array,
  vectors: readonly TaskVector[],
  factors: readonly number[],
): Float32Array {
  const sums = new Float64Array(BLOCK);
  const block = newBlock();
  const sources = vectors.map(({ model }) => deltasOf(model, base));
  for (let start = 0; start < base.length; start += BLOCK) {
    const count = Math.min(BLOCK, base.length - start);
    for (let i = 0; i < count; i++) sums[i] = base[start + i]!;
    vectors.forEach(({ trim }, m) => {
      sources[m]!.fill(block.values, start);
      trim?.(block, start, count);
      addScaled(sums, block.values, factors[m]!, count);
    });
    for (let i = 0; i < count; i++) out[start + i] = sums[i]!;
  }
  return out;
}

function addScaled(sums: Float64Array, values: Float32Array, factor: number, count: number): void {
  for (let i = 0; i < count; i++) sums[i]! += factor * values[i]!;
}

/** Models whose signs fit into one word: 8 bits for those with a positive delta, 8 for those with a negative one. */
const GROUP = 8;

/**
 * What one block comes to over the models. The part of either sign is half the sum of both sums: positive (plain +
 * magnitudes) / 2, negative (plain - magnitudes) / 2. Who has which sign is kept as bits and looked up in a table of
 * weights. So no sign is ever branched on.
 */
class SignSums {
  readonly plain = new Float64Array(BLOCK);
  readonly magnitudes = new Float64Array(BLOCK);
  /** One word per element for each group of models. */
  readonly signs: readonly Int32Array[];

  constructor(models: number) {
    this.signs = Array.from({ length: Math.ceil(models / GROUP) }, () => new Int32Array(BLOCK));
  }

  clear(): void {
    for (const sums of [this.plain, this.magnitudes, ...this.signs]) sums.fill(0);
  }

  add({ values, bits }: Block, model: number, factor: number, count: number): void {
    const { plain, magnitudes } = this;
    for (let i = 0; i < count; i++) {
      const value = factor * values[i]!;
      plain[i]! += value;
      magnitudes[i]! += abs(value);
    }
    if (factor === 0) return;
    const signs = this.signs[floor(model / GROUP)]!;
    const place = model % GROUP;
    const flipped = factor < 0 ? 1 : 0;
    for (let i = 0; i < count; i++) {
      const each = bits[i]!;
      const present = ((each & MAGNITUDE_BITS) + MAGNITUDE_BITS) >>> 31;
      signs[i] = signs[i]! | (present << (place + (((each >>> 31) ^ flipped) << 3)));
    }
  }
}

/** For every set of models of each group (as bits): the sum of their values. */
function tablesOf(values: readonly number[]): Float64Array[] {
  return Array.from({ length: Math.ceil(values.length / GROUP) }, (_, group) =>
    Float64Array.from({ length: 2 ** GROUP }, (_none, set) =>
      values
        .slice(group * GROUP, (group + 1) * GROUP)
        .reduce((sum, value, place) => sum + (set & (1 << place) ? value : 0), 0),
    ),
  );
}

function mixAgreeing(
  out: Float32Array,
  base: Float32Array,
  vectors: readonly TaskVector[],
  settings: MixSettings,
): Float32Array {
  const block = newBlock();
  const sums = new SignSums(vectors.length);
  const sources = vectors.map(({ model }) => deltasOf(model, base));
  const votes = settings.consensus === 'count' ? tablesOf(vectors.map(() => 1)) : null;
  const weights = settings.normalize ? tablesOf(vectors.map(({ weight }) => weight)) : null;
  for (let start = 0; start < base.length; start += BLOCK) {
    const count = Math.min(BLOCK, base.length - start);
    sums.clear();
    vectors.forEach(({ trim, weight, scale }, m) => {
      sources[m]!.fill(block.values, start);
      trim?.(block, start, count);
      sums.add(block, m, weight * scale, count);
    });
    const agreed = elect(sums, votes, weights, count);
    for (let i = 0; i < count; i++) out[start + i] = base[start + i]! + settings.lambda * agreed[i]!;
  }
  return out;
}

/** The part of the elected sign of every element, divided by its weights where they are given. Overwrites the sums. */
function elect(
  { plain, magnitudes, signs }: SignSums,
  votes: readonly Float64Array[] | null,
  weights: readonly Float64Array[] | null,
  count: number,
): Float64Array {
  for (let i = 0; i < count; i++) {
    const ballot = votes ? lookUp(votes, signs, i, 0) - lookUp(votes, signs, i, GROUP) : plain[i]!;
    const direction = ballot >= 0 ? 1 : -1;
    const agreed = (plain[i]! + direction * magnitudes[i]!) / 2;
    const divisor = weights ? lookUp(weights, signs, i, ballot >= 0 ? 0 : GROUP) : 1;
    plain[i] = abs(divisor) >= LEAST_DIVISOR ? agreed / divisor : agreed;
  }
  return plain;
}

function lookUp(
  tables: readonly Float64Array[],
  signs: readonly Int32Array[],
  i: number,
  shift: number,
): number {
  let sum = 0;
  for (let group = 0; group < tables.length; group++) {
    sum += tables[group]![(signs[group]![i]! >>> shift) & (2 ** GROUP - 1)]!;
  }
  return sum;
}
