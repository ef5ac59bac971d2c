import type { RandomStream } from '../../core/contracts/merge.js';
import { ForgeError } from '../../core/errors/index.js';

/** How the next token is chosen from logits. */
export interface SamplingOptions {
  /** 0 is greedy: the most likely token, the first of equals. */
  readonly temperature: number;
  /** Only the k most likely tokens; null for all. */
  readonly topK: number | null;
  /** Only the most likely tokens that together reach this probability (nucleus; Holtzman et al. 2020); null for all. */
  readonly topP: number | null;
}

/**
 * Choose a token.
 * @param logits [V]
 * @returns its id
 * @throws ForgeError AF_MODEL_NOT_FINITE when a logit is no number: any choice would be arbitrary
 */
export function sampleToken(
  logits: ArrayLike<number>,
  options: SamplingOptions,
  random: RandomStream,
): number {
  requireNumbers(logits);
  if (options.temperature === 0) return argMax(logits);
  const order = candidates(logits, options.topK);
  const top = logits[order[0]!]!;
  const weights = order.map((id) => Math.exp((logits[id]! - top) / options.temperature));
  const kept = options.topP === null ? weights.length : nucleusSize(weights, options.topP);
  let total = 0;
  for (let i = 0; i < kept; i++) total += weights[i]!;
  let target = random.uniform() * total;
  for (let i = 0; i < kept; i++) {
    target -= weights[i]!;
    if (target < 0) return order[i]!;
  }
  return order[kept - 1]!;
}

function requireNumbers(logits: ArrayLike<number>): void {
  for (let id = 0; id < logits.length; id++) {
    if (!Number.isNaN(logits[id]!)) continue;
    throw new ForgeError('AF_MODEL_NOT_FINITE', 'The model gives logits that are not numbers.', {
      at: `logit of id ${id}`,
      fix: 'Its weights are damaged or its training diverged: use an earlier model, or train it again.',
    });
  }
}

/** Index of the largest value, the first of equals. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Ids by falling logit (ties by id), at most `topK`. */
function candidates(logits: ArrayLike<number>, topK: number | null): number[] {
  const ids = Array.from({ length: logits.length }, (_, id) => id);
  ids.sort((a, b) => logits[b]! - logits[a]! || a - b);
  return topK === null ? ids : ids.slice(0, Math.max(1, topK));
}

/** How many of the sorted weights reach `topP` of their sum; at least one. */
function nucleusSize(weights: readonly number[], topP: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let mass = 0;
  for (const [i, weight] of weights.entries()) {
    mass += weight / total;
    if (mass >= topP) return i + 1;
  }
  return weights.length;
}
