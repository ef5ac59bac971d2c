import type { GateResult } from '../../../core/contracts/phase.js';
import { judgeOf } from '../shared/gates.js';
import { integrityGates, type IntegrityFacts } from '../shared/integrity.js';
import type { TheaterReport } from '../shared/theater/index.js';
import type { QuietstarOptions } from './options.js';
import type { StrategyScore } from '../shared/thoughts/scores.js';
import { GATES } from './table.js';

/** What the gates look at. */
export interface GateSubject {
  readonly options: QuietstarOptions;
  readonly integrity: IntegrityFacts;
  /** Tags that the tokenizer of the stored model knows. */
  readonly tags: number;
  /** Accuracy with thoughts of the model that goes on, over all and by strategy. */
  readonly baking: {
    readonly accuracy: number | null;
    readonly strategies: Readonly<Record<string, StrategyScore>>;
  };
  readonly theater: TheaterReport;
  readonly coherence: number | null;
  readonly validity: number | null;
  readonly latencyMs: number | null;
  /** Loss on ordinary text, relative to what came in. */
  readonly ordinaryChange: number;
}

const judge = judgeOf(GATES);
const TAGS = 8;

/** Integrity and target gates of phase 3. A miss is reported with the measured figure. */
export function judgePhase(subject: GateSubject): GateResult[] {
  const { options, integrity, baking, theater } = subject;
  const { gates } = options;
  const accuracies = Object.values(baking.strategies).map(({ accuracy }) => accuracy);
  const bound = (...arms: readonly ('without' | 'other' | 'random' | 'filler' | 'control')[]) =>
    lowest(arms.map((arm) => theater.comparisons[arm]?.difference.low ?? null));
  const { without } = theater.comparisons;
  return [
    ...integrityGates([integrity], gates.parameterRange),
    judge.judged('special_tokens', subject.tags, `>= ${TAGS}`, subject.tags >= TAGS),
    judge.atLeast('baking_accuracy', baking.accuracy, gates.bakingAccuracy),
    judge.atLeast(
      'baking_strategies',
      accuracies.length === 0 ? null : Math.min(...accuracies),
      gates.strategyAccuracy,
    ),
    judge.atLeast('thoughts_help', without?.difference.value ?? null, gates.improvement),
    above('better_than_without', bound('without')),
    above('better_than_placebos', bound('other', 'random', 'filler')),
    above('better_than_control', bound('control')),
    judge.judged('anti_theater', theater.all_passed, 'every required test passed', theater.all_passed),
    judge.atLeast('coherence', subject.coherence, gates.coherence),
    judge.atLeast('validity', subject.validity, gates.validity),
    latency(subject),
    judge.atMost('ordinary_text', subject.ordinaryChange, gates.ordinaryText),
  ];
}

function latency({ options: { gates, thoughts }, latencyMs }: GateSubject): GateResult {
  const judged = judge.atMost('latency_ms', latencyMs, gates.latencyMs);
  if (judged.passed !== false) return judged;
  return {
    ...judged,
    reason: `thoughts of ${thoughts.tokens} tokens take too long: lower thoughts.tokens, and let step 2 get there in stages (quiet.shrink)`,
  };
}

/** The lower bound of a difference: it is sure where it is above 0. */
function above(
  gate: 'better_than_without' | 'better_than_placebos' | 'better_than_control',
  low: number | null,
) {
  return judge.judged(gate, low, 'lower bound of the difference > 0', low === null ? null : low > 0);
}

/** Null where one of them was not measured. */
function lowest(bounds: readonly (number | null)[]): number | null {
  return bounds.some((bound) => bound === null) ? null : Math.min(...(bounds as readonly number[]));
}
