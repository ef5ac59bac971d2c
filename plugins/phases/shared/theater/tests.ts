import {
  auroc,
  meanPairwiseDistance,
  normalisedLevenshtein,
  pearson,
  repetitionRatio,
  spearman,
  type OwnThought,
} from '../../../../nn/evaluation/index.js';
import { THEATER_LIMITS, V_B_LIMITS } from './limits.js';
import { above, atLeast, atMost, failed, measured, unmeasured, within } from './test-result.js';
import type { TheaterTest } from './test-result.js';

/**
 * A thought and what it was worth. Utility: by how much it made the tokens x_{j+2}..x_{j+A} more likely, nats; not
 * x_{j+1}, which the predictive part of coherence has seen.
 */
export interface UtilityPair {
  readonly coherence: number;
  readonly utility: number;
}

/** A thought and whether the token after it was predicted rightly. */
export interface CorrectnessPair {
  readonly coherence: number;
  readonly correct: boolean;
}

/** T1: thoughts are not what the model would have written anyway. */
export function divergenceTest(thoughts: readonly OwnThought[]): TheaterTest<'T1_divergence'> {
  const bound = above(THEATER_LIMITS.divergence);
  if (thoughts.length === 0) return unmeasured('T1_divergence', bound, 'there are no thoughts');
  const distances = thoughts.map(({ ids, direct }) => normalisedLevenshtein(ids, direct));
  return measured('T1_divergence', mean(distances), bound);
}

/** T3, both correlations, and the level at which V-B is content. */
export function correlationTests(
  pairs: readonly UtilityPair[] | undefined,
  minPairs: number,
): readonly [TheaterTest<'T3_pearson'>, TheaterTest<'T3_spearman'>, TheaterTest<'correlation'>] {
  const coherence = (pairs ?? []).map((pair) => pair.coherence);
  const utility = (pairs ?? []).map((pair) => pair.utility);
  const test = <N extends string>(name: N, correlation: typeof pearson, limit: number): TheaterTest<N> => {
    const bound = above(limit);
    if (pairs === undefined) return unmeasured(name, bound, 'no pairs of coherence and utility were given');
    if (pairs.length < minPairs) return unmeasured(name, bound, tooFew(pairs.length, minPairs));
    const value = correlation(coherence, utility);
    return value === null
      ? failed(name, bound, 'coherence or utility never varies')
      : measured(name, value, bound);
  };
  return [
    test('T3_pearson', pearson, THEATER_LIMITS.correlation),
    test('T3_spearman', spearman, THEATER_LIMITS.correlation),
    test('correlation', pearson, V_B_LIMITS.correlation),
  ];
}

/** T4: thoughts have a length. */
export function lengthTest(thoughts: readonly OwnThought[]): TheaterTest<'T4_length'> {
  const bound = atLeast(THEATER_LIMITS.length);
  if (thoughts.length === 0) return unmeasured('T4_length', bound, 'there are no thoughts');
  return measured('T4_length', mean(thoughts.map(({ ids }) => ids.length)), bound);
}

/** T5: several thoughts at one place differ. @param samples by place, the thoughts drawn there */
export function diversityTest(
  samples: readonly (readonly (readonly number[])[])[] | undefined,
): TheaterTest<'T5_diversity'> {
  const bound = atLeast(THEATER_LIMITS.diversity);
  const distances = (samples ?? []).flatMap((thoughts) => meanPairwiseDistance(thoughts) ?? []);
  if (distances.length > 0) return measured('T5_diversity', mean(distances), bound);
  return unmeasured('T5_diversity', bound, 'no two thoughts were drawn at one place');
}

/** T6: thoughts do not go round in circles. */
export function repetitionTest(thoughts: readonly OwnThought[]): TheaterTest<'T6_repetition'> {
  const bound = atMost(THEATER_LIMITS.repetition);
  if (thoughts.length === 0) return unmeasured('T6_repetition', bound, 'there are no thoughts');
  const ratios = thoughts.flatMap(({ ids }) => repetitionRatio(ids) ?? []);
  if (ratios.length === 0) return failed('T6_repetition', bound, 'all thoughts are empty');
  return measured('T6_repetition', mean(ratios), bound);
}

/** T6: outputs have neither died nor exploded. @param variance of the logits */
export function varianceTest(variance: number | undefined): TheaterTest<'T6_variance'> {
  const bound = within(THEATER_LIMITS.variance);
  if (variance === undefined)
    return unmeasured('T6_variance', bound, 'the variance of outputs was not given');
  return measured('T6_variance', variance, bound);
}

/** The area under a curve through fewer tokens predicted rightly, or wrongly, is chance. */
const LEAST_OF_EACH = 5;

/** T7: coherence foretells whether the next token is right; V-B calls it predictive power. */
export function aurocTests(
  pairs: readonly CorrectnessPair[] | undefined,
  minPairs: number,
): readonly [TheaterTest<'T7_auroc'>, TheaterTest<'predictive_power'>] {
  const test = <N extends string>(name: N, limit: number): TheaterTest<N> => {
    const bound = above(limit);
    if (pairs === undefined)
      return unmeasured(name, bound, 'no pairs of coherence and correctness were given');
    if (pairs.length < minPairs) return unmeasured(name, bound, tooFew(pairs.length, minPairs));
    const labels = pairs.map(({ correct }) => correct);
    const value = auroc(
      pairs.map(({ coherence }) => coherence),
      labels,
    );
    const right = labels.filter(Boolean).length;
    const rarer = right < labels.length - right ? 'rightly' : 'wrongly';
    if (value === null)
      return unmeasured(name, bound, `every token was predicted ${right > 0 ? 'rightly' : 'wrongly'}`);
    const fewest = Math.min(right, labels.length - right);
    if (fewest >= LEAST_OF_EACH) return measured(name, value, bound);
    return unmeasured(name, bound, `${fewest} of ${labels.length} tokens predicted ${rarer} say nothing`);
  };
  return [test('T7_auroc', THEATER_LIMITS.auroc), test('predictive_power', V_B_LIMITS.predictivePower)];
}

function tooFew(pairs: number, least: number): string {
  return `${pairs} pairs are too few: at least ${least}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
