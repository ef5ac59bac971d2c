import { atLeast, atMost, between, equals, holds, judged } from '../../../core/contracts/gates.js';
import type { GateResult } from '../../../core/contracts/phase.js';
import type { Diversity, ModelMeasurements } from './measure.js';
import type { CognateOptions } from './options.js';

/** What the gates of one model look at. */
export interface GateSubject {
  readonly name: string;
  readonly parameters: number;
  readonly finite: boolean;
  readonly measurements: ModelMeasurements;
  /** Held-out cross-entropy over all datasets, nats. */
  readonly heldOut: number;
  readonly heldOutAtStart: number;
  readonly unigramEntropy: number;
  /** Cross-entropy of each recursion step, nats. */
  readonly stepLosses: readonly number[];
  readonly gateEntropy: number | null;
}

/** Largest change of an earlier logit that replacing future tokens may cause (spec 7). */
const CAUSALITY_TOLERANCE = 1e-5;

/** Integrity and target gates of phase 1 (spec 6). */
export function judge(
  subjects: readonly GateSubject[],
  diversity: Diversity,
  options: CognateOptions,
): GateResult[] {
  return [...integrity(subjects, options), ...targets(subjects), ...diversityTargets(diversity, options)];
}

function integrity(subjects: readonly GateSubject[], options: CognateOptions): GateResult[] {
  const expected = options.specializations.length;
  const leak = Math.max(...subjects.map((subject) => subject.measurements.causalityMaxDifference));
  const range = options.gates.parameterRange;
  return [
    equals('model_count', subjects.length, expected, 'integrity'),
    holds(
      'finite_weights',
      subjects.every((s) => s.finite),
      'no NaN or infinity',
      'integrity',
    ),
    atMost('causality', leak, CAUSALITY_TOLERANCE, 'integrity'),
    ...(range === null
      ? []
      : subjects.map(({ name, parameters }) =>
          between(`parameter_range/${name}`, parameters, range, 'integrity'),
        )),
  ];
}

function targets(subjects: readonly GateSubject[]): GateResult[] {
  return subjects.flatMap((subject) => {
    const { name, heldOut, unigramEntropy, heldOutAtStart, stepLosses, measurements } = subject;
    const reduction = 1 - heldOut / heldOutAtStart;
    const ordered = stepLosses.every((loss, k) => k === 0 || loss <= stepLosses[k - 1]!);
    return [
      atMost(`below_unigram_entropy/${name}`, heldOut, unigramEntropy),
      atLeast(`loss_reduction/${name}`, reduction, 0.7),
      atMost(`loss_below_3/${name}`, heldOut, 3),
      judged(
        'target',
        `step_losses_ordered/${name}`,
        stepLosses.map((loss) => loss.toFixed(4)).join(' >= '),
        'falling',
        ordered,
      ),
      between(`avg_steps/${name}`, measurements.averageSteps, [1.5, 4]),
      atLeast(`gate_entropy/${name}`, subject.gateEntropy, 0.5),
      atMost(`latency_ms/${name}`, measurements.latencyMs, 100),
    ];
  });
}

function diversityTargets(diversity: Diversity, options: CognateOptions): GateResult[] {
  return [
    atLeast('halting_spread', diversity.haltingSpread, options.gates.haltingSpread),
    atLeast('memory_spread', diversity.memorySpread, options.gates.memorySpread),
    atLeast('latency_spread', diversity.latencySpread, options.gates.latencySpread),
    atLeast('output_divergence', diversity.outputDivergence, options.gates.divergence),
  ];
}
