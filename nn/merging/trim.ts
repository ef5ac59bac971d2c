import { newBlock, type Block, type BlockSource } from './blocks.js';
import { MAGNITUDE_BITS, rankCut, type RankCut } from './rank-cut.js';

// Bound once: a global looked up per element is slow where globals are proxied, as under jest.
const { abs } = Math;

/** Sets the numbers of a block that are dropped to 0. `start` is the block's place in the tensor. */
export type Trim = (block: Block, start: number, count: number) => void;

/**
 * Keeps the `floor(density * n)` largest magnitudes, at least one and exactly that many: among equal ones the earlier
 * (TIES, Yadav et al. 2023). Null keeps everything.
 */
export function magnitudeTrim(source: BlockSource, density: number): Trim | null {
  if (density >= 1) return null;
  const cut = rankCut(source, Math.max(1, Math.floor(density * source.length)));
  return (block, start, count) => keepAbove(cut, block, start, count);
}

export interface OutlierSettings {
  /** Share that is kept. */
  readonly density: number;
  /** Share of the largest that is dropped as outliers. */
  readonly gamma: number;
  /** Keep nothing where not even one outlier is dropped, as mergekit does. */
  readonly requireOutliers: boolean;
}

/**
 * Drops the `floor(gamma * n)` largest magnitudes and then the smallest until `floor(density * n)` are left (Model
 * Breadcrumbs, Davari and Belilovsky 2023). Fewer outliers are dropped where both cannot be had. Null keeps everything.
 */
export function outlierTrim(source: BlockSource, settings: OutlierSettings): Trim | null {
  const { density, gamma, requireOutliers } = settings;
  if (density >= 1) return null;
  const length = source.length;
  const kept = Math.floor(density * length);
  const outliers = Math.min(Math.floor(gamma * length), length - kept);
  if (requireOutliers && outliers === 0) return dropAll;
  const outer = rankCut(source, outliers);
  const inner = rankCut(source, outliers + kept);
  return (block, start, count) => {
    keepAbove(inner, block, start, count);
    if (outliers > 0) dropAbove(outer, block, start, count);
  };
}

/** Keeps what the mask (1 or 0 per element of the tensor) keeps. */
export function maskTrim(mask: Uint8Array): Trim {
  return ({ bits }, start, count) => {
    for (let i = 0; i < count; i++) bits[i] = bits[i]! & -mask[start + i]!;
  };
}

/**
 * What trimmed numbers must be multiplied by to have the same sum of magnitudes as all of them; 1 where either sum is
 * next to nothing (mergekit's rescaling by the L1 norm).
 */
export function rescaleL1(source: BlockSource, trim: Trim | null): number {
  if (!trim) return 1;
  const block = newBlock();
  let [before, after] = [0, 0];
  for (let start = 0; start < source.length;) {
    const count = source.fill(block.values, start);
    before += sumOfMagnitudes(block.values, count);
    trim(block, start, count);
    after += sumOfMagnitudes(block.values, count);
    start += count;
  }
  return before < 1e-7 || after < 1e-7 ? 1 : before / after;
}

const dropAll: Trim = ({ values }, _start, count) => void values.fill(0, 0, count);

function sumOfMagnitudes(values: Float32Array, count: number): number {
  let [even, odd] = [0, 0];
  let i = 0;
  for (; i + 1 < count; i += 2) {
    even += abs(values[i]!);
    odd += abs(values[i + 1]!);
  }
  if (i < count) even += abs(values[i]!);
  return even + odd;
}

/** Without branches on the numbers, which no processor could foresee: `-1 >>> 31` is 1, of a negative difference. */
function keepAbove(cut: RankCut, { bits }: Block, start: number, count: number): void {
  const below = cut.bits - 1;
  for (let i = 0; i < count; i++) {
    const each = bits[i]!;
    bits[i] = each & -((below - (each & MAGNITUDE_BITS)) >>> 31);
  }
  if (cut.index >= start + count) return;
  for (let i = Math.max(0, cut.index + 1 - start); i < count; i++) {
    if ((bits[i]! & MAGNITUDE_BITS) === cut.bits) bits[i] = 0;
  }
}

function dropAbove(cut: RankCut, { bits }: Block, start: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const magnitude = bits[i]! & MAGNITUDE_BITS;
    if (magnitude > cut.bits || (magnitude === cut.bits && start + i <= cut.index)) bits[i] = 0;
  }
}
