import { BLOCK, deltasOf, newBlock, type BlockSource } from './blocks.js';
import { rankCut } from './rank-cut.js';
import { maskTrim, type Trim } from './trim.js';

/**
 * Keeps the elements on which the models differ most: of those with any variance of the deltas over the models, the
 * share `density` with the largest (SCE, Wan et al. 2024). Null keeps everything.
 */
export function varianceTrim(models: readonly Float32Array[], density: number): Trim | null {
  if (density >= 1) return null;
  const variance = varianceOf(models);
  let varying = 0;
  for (let i = 0; i < variance.length; i++) if (variance[i] !== 0) varying++;
  const cut = rankCut(sourceOf(variance), Math.floor(density * varying));
  const order = new Int32Array(variance.buffer);
  const mask = new Uint8Array(order.length);
  for (let i = 0; i < mask.length; i++) {
    const each = order[i]!;
    mask[i] = +(each > cut.bits) | (+(each === cut.bits) & +(i <= cut.index));
  }
  return maskTrim(mask);
}

/** Mean squared distance to the mean over the models: a common base would change nothing. */
function varianceOf(models: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(models[0]!.length);
  const sums = new Float64Array(BLOCK);
  const squares = new Float64Array(BLOCK);
  for (let start = 0; start < out.length; start += BLOCK) {
    const count = Math.min(BLOCK, out.length - start);
    sums.fill(0);
    squares.fill(0);
    for (const model of models) for (let i = 0; i < count; i++) sums[i]! += model[start + i]!;
    for (const model of models) addSquares(squares, sums, model, models.length, start, count);
    for (let i = 0; i < count; i++) out[start + i] = squares[i]! / models.length;
  }
  return out;
}

function sourceOf(numbers: Float32Array): BlockSource {
  return {
    length: numbers.length,
    fill: (values, start) => {
      const part = numbers.subarray(start, start + BLOCK);
      values.set(part);
      return part.length;
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
  for (let start = 0; start < source.length;) {
    const count = source.fill(block.values, start);
    trim?.(block, start, count);
    for (let i = 0; i < count; i++) sum += block.values[i]! * block.values[i]!;
    start += count;
  }
  return sum / source.length;
}
