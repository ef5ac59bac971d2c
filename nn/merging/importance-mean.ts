import { BLOCK } from './blocks.js';

// Bound once: a global looked up per element is slow where globals are proxied, as under jest.
const { abs } = Math;

export interface ImportanceSettings {
  readonly weights: readonly number[];
  /** Added to every importance, as a share of its mean: no element counts for nothing. */
  readonly epsilon: number;
  /** Scale each model's importance to mean 1 over the tensor, so that large gradients alone do not win it. */
  readonly balance: boolean;
}

/** Importance of each element of one model, a block at a time. */
export type Importance = (out: Float64Array, start: number, count: number) => void;

/** Given importances, for example diagonals of Fisher information. */
export function givenImportance(values: readonly Float32Array[]): Importance[] {
  return values.map((each) => (out, start, count) => {
    for (let i = 0; i < count; i++) out[i] = each[start + i]!;
  });
}

/** (model - base)^2: what a model moved most is taken to matter most to it. */
export function squaredDeltas(models: readonly Float32Array[], base: Float32Array): Importance[] {
  return models.map((model) => (out, start, count) => {
    for (let i = 0; i < count; i++) {
      const delta = model[start + i]! - base[start + i]!;
      out[i] = delta * delta;
    }
  });
}

/**
 * sum_i w_i F_i theta_i / sum_i w_i F_i, element by element (Fisher-weighted averaging, Matena and Raffel 2022; spec
 * 3.2.6). A model whose importance is 0 everywhere counts as equally important everywhere. Where the importances of an
 * element add up to nothing it is the weighted mean of the models.
 */
export function importanceMean(
  models: readonly Float32Array[],
  importances: readonly Importance[],
  settings: ImportanceSettings,
): Float32Array {
  const length = models[0]!.length;
  const out = new Float32Array(length);
  const scales = scalesOf(importances, length, settings);
  const each = new Float64Array(BLOCK);
  const sums = { weighted: new Float64Array(BLOCK), divisor: new Float64Array(BLOCK) };
  for (let start = 0; start < length; start += BLOCK) {
    const count = Math.min(BLOCK, length - start);
    sums.weighted.fill(0);
    sums.divisor.fill(0);
    for (let m = 0; m < models.length; m++) {
      importances[m]!(each, start, count);
      const { factor, floor } = scales[m]!;
      addWeighted(sums, models[m]!, { importance: each, factor, floor }, start, count);
    }
    for (let i = 0; i < count; i++) out[start + i] = sums.weighted[i]! / sums.divisor[i]!;
    repair(out, sums.divisor, models, settings.weights, start, count);
  }
  return out;
}

interface Scale {
  readonly factor: number;
  readonly floor: number;
}

/** What turns an importance into its share of the sum: factor * importance + floor. */
function scalesOf(importances: readonly Importance[], length: number, settings: ImportanceSettings): Scale[] {
  const means = importances.map((importance) => meanOf(importance, length));
  const common = means.reduce((sum, mean) => sum + mean, 0) / means.length;
  return means.map((mean, m) => {
    const weight = settings.weights[m]!;
    const unit = settings.balance ? mean : common;
    if (!(unit > 0)) return { factor: 0, floor: weight };
    return { factor: weight / unit, floor: weight * settings.epsilon };
  });
}

function meanOf(importance: Importance, length: number): number {
  const each = new Float64Array(BLOCK);
  let sum = 0;
  for (let start = 0; start < length; start += BLOCK) {
    const count = Math.min(BLOCK, length - start);
    importance(each, start, count);
    for (let i = 0; i < count; i++) sum += each[i]!;
  }
  return sum / length;
}

function addWeighted(
  sums: { readonly weighted: Float64Array; readonly divisor: Float64Array },
  model: Float32Array,
  { importance, factor, floor }: Scale & { readonly importance: Float64Array },
  start: number,
  count: number,
): void {
  const { weighted, divisor } = sums;
  for (let i = 0; i < count; i++) {
    const share = factor * importance[i]! + floor;
    weighted[i]! += share * model[start + i]!;
    divisor[i]! += share;
  }
}

/** The weighted mean where importances cancel or vanish. */
function repair(
  out: Float32Array,
  divisor: Float64Array,
  models: readonly Float32Array[],
  weights: readonly number[],
  start: number,
  count: number,
): void {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < count; i++) {
    if (abs(divisor[i]!) > 1e-30) continue;
    const at = start + i;
    const even = abs(total) < 1e-8;
    out[at] = models.reduce(
      (sum, model, m) => sum + model[at]! * (even ? 1 / models.length : weights[m]! / total),
      0,
    );
  }
}
