import type { ThoughtArms } from '../../../../nn/evaluation/index.js';
import { ablationTests, scoreArms, type ArmScores } from './ablation.js';
import { THEATER_TESTS, type TheaterOptions, type TheaterTestName } from './limits.js';
import type { TheaterTest } from './test-result.js';
import {
  aurocTests,
  correlationTests,
  divergenceTest,
  diversityTest,
  lengthTest,
  repetitionTest,
  varianceTest,
  type CorrectnessPair,
  type UtilityPair,
} from './tests.js';

/** What is known of a thinker. What is left out is reported as not measured. */
export interface TheaterEvidence {
  /** T1, T2, T4, T6. */
  readonly arms: ThoughtArms;
  /** T3. */
  readonly utility?: readonly UtilityPair[];
  /** T5: by place, the thoughts drawn there. */
  readonly samples?: readonly (readonly (readonly number[])[])[];
  /** T6: of the logits. */
  readonly outputVariance?: number;
  /** T7. */
  readonly correctness?: readonly CorrectnessPair[];
}

/** Whether a thinker profits from its thoughts. JSON. */
export interface TheaterReport extends ArmScores {
  /** Items that every arm answered, and those left out as too long. */
  readonly items: number;
  readonly unfit: number;
  readonly tests: readonly TheaterTest<TheaterTestName>[];
  /** The tests that count. */
  readonly required: readonly TheaterTestName[];
  /** Every required test was measured and passed; of none at all nothing can be said. */
  readonly all_passed: boolean;
  /** Variant V-B: improvement, predictive power, correlation. Reported, not required. */
  readonly v_b: readonly TheaterTest[];
}

/**
 * The anti-theater tests: does a model that writes a thought before its answer profit from its own thought, and from
 * nothing else? Failing is a legitimate outcome; nothing passes because it could not be measured.
 */
export function theaterReport(evidence: TheaterEvidence, options: TheaterOptions = {}): TheaterReport {
  const { arms } = evidence;
  const { required = THEATER_TESTS, minPairs = 30 } = options;
  const scores = scoreArms(arms, options);
  const [ablation, improvement] = ablationTests(scores, arms.items.length, options);
  const [pearson, spearman, correlation] = correlationTests(evidence.utility, minPairs);
  const [auroc, predictivePower] = aurocTests(evidence.correctness, minPairs);
  const tests = [
    divergenceTest(arms.thoughts),
    ablation,
    pearson,
    spearman,
    lengthTest(arms.thoughts),
    diversityTest(evidence.samples),
    repetitionTest(arms.thoughts),
    varianceTest(evidence.outputVariance),
    auroc,
  ];
  const passed = new Set(tests.flatMap((test) => (test.passed === true ? test.name : [])));
  return {
    items: arms.items.length,
    unfit: arms.unfit,
    ...scores,
    tests,
    required,
    all_passed: required.length > 0 && required.every((name) => passed.has(name)),
    v_b: [improvement, predictivePower, correlation],
  };
}
