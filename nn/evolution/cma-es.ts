import type { RandomStream } from '../../core/contracts/merge.js';
import { symmetricEigen } from './symmetric-eigen.js';

/** Everything a CMA-ES carries between generations; JSON. */
export interface CmaEsState {
  readonly mean: readonly number[];
  readonly sigma: number;
  /** Covariance, rows. */
  readonly covariance: readonly (readonly number[])[];
  /** Evolution paths of the covariance and of the step size. */
  readonly covariancePath: readonly number[];
  readonly sigmaPath: readonly number[];
  /** Updates done. */
  readonly updates: number;
}

/** Offspring per generation that suit `genes` (Hansen 2016): 4 + floor(3 ln n). */
export function defaultPopulation(genes: number): number {
  return 4 + Math.floor(3 * Math.log(genes));
}

export function startCmaEs(mean: readonly number[], sigma: number): CmaEsState {
  const zeros = mean.map(() => 0);
  return {
    mean,
    sigma,
    covariance: mean.map((_, i) => mean.map((_, j) => (i === j ? 1 : 0))),
    covariancePath: zeros,
    sigmaPath: zeros,
    updates: 0,
  };
}

/** `count` points drawn from the search distribution. */
export function askCmaEs(state: CmaEsState, count: number, random: RandomStream): number[][] {
  const { values, vectors } = symmetricEigen(state.covariance);
  const scales = values.map((value) => Math.sqrt(Math.max(value, 0)));
  return Array.from({ length: count }, () => {
    const z = scales.map((scale) => scale * random.normal());
    return state.mean.map((m, i) => m + state.sigma * dot(vectors[i]!, z));
  });
}

/**
 * Learn from evaluated points (Hansen, "The CMA Evolution Strategy: A Tutorial", 2016, with its default constants):
 * weighted recombination, cumulative step-size adaptation, rank-one and rank-mu update of the covariance.
 *
 * @param ranked points of one generation, best first
 */
export function tellCmaEs(state: CmaEsState, ranked: readonly (readonly number[])[]): CmaEsState {
  const n = state.mean.length;
  const constants = constantsFor(n, ranked.length);
  const { weights, effective } = constants;
  const steps = ranked
    .slice(0, weights.length)
    .map((x) => x.map((value, i) => (value - state.mean[i]!) / state.sigma));
  const step = state.mean.map((_, i) => weights.reduce((sum, w, k) => sum + w * steps[k]![i]!, 0));
  const mean = state.mean.map((m, i) => m + state.sigma * step[i]!);
  const updates = state.updates + 1;
  const keep = 1 - constants.sigmaRate;
  const whitened = inverseRoot(state.covariance, step);
  const sigmaPath = state.sigmaPath.map(
    (p, i) =>
      keep * p + Math.sqrt(constants.sigmaRate * (2 - constants.sigmaRate) * effective) * whitened[i]!,
  );
  const length = Math.sqrt(dot(sigmaPath, sigmaPath));
  const stalled =
    length / Math.sqrt(1 - keep ** (2 * updates)) >= (1.4 + 2 / (n + 1)) * constants.expectedNorm;
  const h = stalled ? 0 : 1;
  const c = constants.pathRate;
  const covariancePath = state.covariancePath.map(
    (p, i) => (1 - c) * p + h * Math.sqrt(c * (2 - c) * effective) * step[i]!,
  );
  const { rankOne, rankMu } = constants;
  const decay = 1 - rankOne - rankMu + (1 - h) * rankOne * c * (2 - c);
  const covariance = state.covariance.map((row, i) =>
    row.map((value, j) => {
      const spread = weights.reduce((sum, w, k) => sum + w * steps[k]![i]! * steps[k]![j]!, 0);
      return decay * value + rankOne * covariancePath[i]! * covariancePath[j]! + rankMu * spread;
    }),
  );
  const sigma =
    state.sigma *
    Math.exp(Math.min(1, (constants.sigmaRate / constants.damping) * (length / constants.expectedNorm - 1)));
  return { mean, sigma, covariance, covariancePath, sigmaPath, updates };
}

interface Constants {
  readonly weights: readonly number[];
  /** Variance-effective selection mass. */
  readonly effective: number;
  readonly sigmaRate: number;
  readonly damping: number;
  readonly pathRate: number;
  readonly rankOne: number;
  readonly rankMu: number;
  /** E||N(0, I)|| */
  readonly expectedNorm: number;
}

function constantsFor(n: number, population: number): Constants {
  const parents = Math.max(1, Math.floor(population / 2));
  const raw = Array.from({ length: parents }, (_, k) => Math.log((population + 1) / 2) - Math.log(k + 1));
  const total = raw.reduce((sum, w) => sum + w, 0);
  const weights = raw.map((w) => w / total);
  const effective = 1 / weights.reduce((sum, w) => sum + w * w, 0);
  const sigmaRate = (effective + 2) / (n + effective + 5);
  const rankOne = 2 / ((n + 1.3) ** 2 + effective);
  return {
    weights,
    effective,
    sigmaRate,
    damping: 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (n + 1)) - 1) + sigmaRate,
    pathRate: (4 + effective / n) / (n + 4 + (2 * effective) / n),
    rankOne,
    rankMu: Math.min(1 - rankOne, (2 * (effective - 2 + 1 / effective)) / ((n + 2) ** 2 + effective)),
    expectedNorm: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

/** C^(-1/2) x */
function inverseRoot(covariance: readonly (readonly number[])[], x: readonly number[]): number[] {
  const { values, vectors } = symmetricEigen(covariance);
  const turned = values.map(
    (value, k) =>
      vectors.reduce((sum, row, i) => sum + row[k]! * x[i]!, 0) / Math.sqrt(Math.max(value, 1e-20)),
  );
  return vectors.map((row) => dot(row, turned));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
