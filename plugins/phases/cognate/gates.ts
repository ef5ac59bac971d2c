import type { GateResult } from '../../../contracts/phase.js';
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
  const gates: GateResult[] = [
    gate('integrity', 'model_count', subjects.length, `= ${expected}`, subjects.length === expected),
    gate(
      'integrity',
      'finite_weights',
      subjects.every((s) => s.finite),
      'no NaN or infinity',
      subjects.every((s) => s.finite),
    ),
    gate('integrity', 'causality', leak, `<= ${CAUSALITY_TOLERANCE}`, leak <= CAUSALITY_TOLERANCE),
  ];
  const range = options.gates.parameterRange;
  if (range !== null) {
    for (const { name, parameters } of subjects) {
      const inside = parameters >= range[0] && parameters <= range[1];
      gates.push(
        gate('integrity', `parameter_range/${name}`, parameters, `${range[0]}..${range[1]}`, inside),
      );
    }
  }
  return gates;
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
      gate(
        'target',
        `step_losses_ordered/${name}`,
        stepLosses.map((loss) => loss.toFixed(4)).join(' >= '),
        'falling',
        ordered,
      ),
      within(`avg_steps/${name}`, measurements.averageSteps, 1.5, 4),
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

function atLeast(name: string, measured: number | null, least: number): GateResult {
  return gate('target', name, measured, `>= ${least}`, measured === null ? null : measured >= least);
}

function atMost(name: string, measured: number, most: number): GateResult {
  return gate('target', name, measured, `<= ${Number(most.toFixed(4))}`, measured <= most);
}

function within(name: string, measured: number | null, least: number, most: number): GateResult {
  return gate(
    'target',
    name,
    measured,
    `${least}..${most}`,
    measured === null ? null : measured >= least && measured <= most,
  );
}

function gate(
  kind: GateResult['class'],
  name: string,
  measured: GateResult['measured'],
  target: string,
  passed: boolean | null,
): GateResult {
  return {
    name,
    class: kind,
    measured,
    target,
    passed,
    ...(passed === null ? { reason: 'not measured' } : {}),
  };
}
