import { ARMS, type ArmName } from '../../../../nn/evaluation/index.js';

/** The tests that a thinker must pass; the numbers are those of the documented tests T1 to T7. */
export const THEATER_TESTS = [
  'T1_divergence',
  'T2_ablation',
  'T3_pearson',
  'T3_spearman',
  'T4_length',
  'T5_diversity',
  'T6_repetition',
  'T6_variance',
  'T7_auroc',
] as const;
export type TheaterTestName = (typeof THEATER_TESTS)[number];

/** Limits of the published variants: V-A (T1 to T3), V-C (T1, T4, T5) and V-D (T6). */
export const THEATER_LIMITS = {
  /** Mean normalised edit distance of a thought and the direct continuation must be above. */
  divergence: 0.3,
  /** Accuracy with thoughts minus without must be above. */
  gain: 0.02,
  /** Correlation of coherence and utility must be above. */
  correlation: 0.5,
  /** Least mean length of a thought, ids. */
  length: 5,
  /** Least mean edit distance of thoughts at one place, ids. */
  diversity: 3,
  /** Most share of ids that stood in their thought before. */
  repetition: 0.8,
  /** Variance of outputs lies within. */
  variance: [1e-6, 1e6],
  /** Area under the curve of coherence against correctness must be above. */
  auroc: 0.5,
} as const;

/** Items below which nothing is said of what thoughts are worth (T2). */
export const THEATER_ITEMS = 500;

/** Variant V-B, reported beside the tests: a milder correlation; its `predictive power` is the area under the curve. */
export const V_B_LIMITS = { improvement: 0.02, predictivePower: 0.5, correlation: 0.3 } as const;

export interface TheaterOptions {
  /** What counts for `all_passed`. Default: all tests. */
  readonly required?: readonly TheaterTestName[];
  /** Arms that thoughts must be better than (T2). Default: all but a control that was not measured. */
  readonly against?: readonly Exclude<ArmName, 'with'>[];
  /** Fewer items say nothing (T2). Default {@link THEATER_ITEMS}. */
  readonly minItems?: number;
  /** Whether T2 asks for differences that are more than chance; default true. Few items show none. */
  readonly sure?: boolean;
  /** Fewer pairs say nothing (T3, T7). Default 30. */
  readonly minPairs?: number;
  /** Of the bootstrap; see `comparePaired`. */
  readonly seed?: number;
  readonly resamples?: number;
}

/** The arms that thoughts are compared with when nobody says otherwise. @param measured arms that have answers */
export function defaultRivals(measured: readonly ArmName[]): readonly Exclude<ArmName, 'with'>[] {
  return ARMS.filter((arm) => arm !== 'with').filter((arm) => arm !== 'control' || measured.includes(arm));
}
