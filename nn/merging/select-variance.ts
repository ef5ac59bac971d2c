import { BLOCK, deltasOf, newBlock, type BlockSource } from './blocks.js';
import { rankCut } from './rank-cut.js';
import type { Trim } from './trim.js';

/**
 * Keeps the elements on which the models differ most: of those with any variance of the deltas over the models, the
 * share `density` with the largest (SCE, Wan et al. 2024). Null keeps everything.
 */
export function varianceTrim(models: readonly Float32Array[], density: number): Trim | null {
  if (density >= 1) return null;
  const variance = varianceOf(models);
  const cut = rankCut(variance, Math.floor(density * countNonZero(variance)));
  const mask = new Uint8Array(variance.length);
  const { values, bits } = newBlock();
  for (let start = 0; start < mask.length; ) {
    const count = variance.fill(values, start);
    for (let i = 0; i < count; i++) {
      const kept = bits[i]! > cut.bits || (bits[i]! === cut.bits && start + i <= cut.index);
      mask[start + i] = kept ? 1 : 0;
    }
    start += count;
  }
  return ({ bits: deltas }, start, count) => {
    for (let i = 0; i < count; i++) deltas[i] = deltas[i]! & -mask[start + i]!;
  };
}

/** Mean squared distance to the mean over the models: a common base would change nothing. */
function varianceOf(models: readonly Float32Array[]): BlockSource {
  const length = models[0]!.length;
  const sums = new Float64Array(BLOCK);
  const squares = new Float64Array(BLOCK);
  return {
    length,
    fill: (values, start) => {
      const count = Math.min(BLOCK, length - start);
      sums.fill(0);
      squares.fill(0);
      for (const model of models) for (let i = 0; i < count; i++) sums[i]! += model[start + i]!;
      for (const model of models) addSquares(squares, sums, model, models.length, start, count);
      for (let i = 0; i < count; i++) values[i] = squares[i]! / models.length;
      return count;
    },
  };
}

function addSquares(
  squares: Float64Array,
  sums: Float64Array,
  model: Float32Array,
  models: number,
  start: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const distance = model[start + i]! - sums[i]! / models;
    squares[i]! += distance * distance;
  }
}

function countNonZero(source: BlockSource): number {
  const { values } = newBlock();
  let found = 0;
  for (let start = 0; start < source.length; ) {
    const count = source.fill(values, start);
    for (let i = 0; i < count; i++) if (values[i] !== 0) found++;
    start += count;
  }
  return found;
}

/** Mean squares of the trimmed differences to `base`, divided by their sum; equal shares when there are none. */
export function energyShares(
  models: readonly Float32Array[],
  base: Float32Array,
  trim: Trim | null,
): number[] {
  const energies = models.map((model) => energyOf(deltasOf(model, base), trim));
  const total = energies.reduce((sum, energy) => sum + energy, 0);
  return energies.map((energy) => (total > 0 ? energy / total : 1 / models.length));
}

function energyOf(source: BlockSource, trim: Trim | null): number {
  const block = newBlock();
  let sum = 0;
  for (let start = 0; start < source.length; ) {
    const count = source.fill(block.values, start);
    trim?.(block, start, count);
    for (let i = 0; i < count; i++) sum += block.values[i]! * block.values[i]!;
    start += count;
  }
  return sum / source.length;
}
