import { BLOCK, deltasOf, newBlock, type Block } from './blocks.js';
import { MAGNITUDE_BITS } from './rank-cut.js';
import type { Trim } from './trim.js';
import { weightedSum } from './weighted-sum.js';

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

/** base + lambda * mixed deltas: the frame of task arithmetic, TIES, DARE, Breadcrumbs and DELLA (spec 3.2.3-4). */
export function mixDeltas(
  base: Float32Array,
  vectors: readonly TaskVector[],
  settings: MixSettings,
): Float32Array {
  if (settings.consensus) return mixAgreeing(base, vectors, settings);
  const total = vectors.reduce((sum, { weight }) => sum + weight, 0);
  const divisor = settings.normalize && Math.abs(total) >= LEAST_DIVISOR ? total : 1;
  const factors = vectors.map(({ weight, scale }) => (settings.lambda * weight * scale) / divisor);
  if (vectors.every(({ trim }) => !trim)) {
    const rest = 1 - factors.reduce((sum, factor) => sum + factor, 0);
    return weightedSum([base, ...vectors.map(({ model }) => model)], [rest, ...factors]);
  }
  return sumTrimmed(base, vectors, factors);
}

function sumTrimmed(
  base: Float32Array,
  vectors: readonly TaskVector[],
  factors: readonly number[],
): Float32Array {
  const out = new Float32Array(base.length);
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

/**
 * Sums of one block over the models. The part of either sign is half the sum of both sums: positive (magnitudes +
 * plain) / 2, negative (plain - magnitudes) / 2; the same holds for the weights. So no sign is ever branched on.
 */
class SignSums {
  readonly plain = new Float64Array(BLOCK);
  readonly magnitudes = new Float64Array(BLOCK);
  /** Weights of the models whose delta is not 0, and the same with the sign of the delta. */
  readonly weights = new Float64Array(BLOCK);
  readonly signedWeights = new Float64Array(BLOCK);
  /** Models with a positive delta less those with a negative one. */
  readonly votes = new Int32Array(BLOCK);

  clear(): void {
    for (const sums of [this.plain, this.magnitudes, this.weights, this.signedWeights, this.votes]) sums.fill(0);
  }

  add({ values, bits }: Block, weight: number, scale: number, count: number): void {
    const { plain, magnitudes, weights, signedWeights, votes } = this;
    const factor = weight * scale;
    const direction = factor < 0 ? -1 : factor > 0 ? 1 : 0;
    for (let i = 0; i < count; i++) {
      const value = factor * values[i]!;
      plain[i]! += value;
      magnitudes[i]! += Math.abs(value);
    }
    for (let i = 0; i < count; i++) {
      const each = bits[i]!;
      const present = ((each & MAGNITUDE_BITS) + MAGNITUDE_BITS) >>> 31;
      const sign = direction * (present - ((present & (each >>> 31)) << 1));
      votes[i]! += sign;
      weights[i]! += weight * present;
      signedWeights[i]! += weight * sign;
    }
  }
}

function mixAgreeing(
  base: Float32Array,
  vectors: readonly TaskVector[],
  settings: MixSettings,
): Float32Array {
  const out = new Float32Array(base.length);
  const block = newBlock();
  const sums = new SignSums();
  const sources = vectors.map(({ model }) => deltasOf(model, base));
  for (let start = 0; start < base.length; start += BLOCK) {
    const count = Math.min(BLOCK, base.length - start);
    sums.clear();
    vectors.forEach(({ trim, weight, scale }, m) => {
      sources[m]!.fill(block.values, start);
      trim?.(block, start, count);
      sums.add(block, weight, scale, count);
    });
    elect(sums, base, out, start, count, settings);
  }
  return out;
}

/** Write base + lambda * (the part of the elected sign) for one block. */
function elect(
  sums: SignSums,
  base: Float32Array,
  out: Float32Array,
  start: number,
  count: number,
  { consensus, normalize, lambda }: MixSettings,
): void {
  const { plain, magnitudes, weights, signedWeights, votes } = sums;
  const ballot = consensus === 'count' ? votes : plain;
  for (let i = 0; i < count; i++) {
    const sign = ballot[i]! >= 0 ? 1 : -1;
    const agreed = (plain[i]! + sign * magnitudes[i]!) / 2;
    const divisor = (weights[i]! + sign * signedWeights[i]!) / 2;
    const share = normalize && Math.abs(divisor) >= LEAST_DIVISOR ? agreed / divisor : agreed;
    out[start + i] = base[start + i]! + lambda * share;
  }
}
