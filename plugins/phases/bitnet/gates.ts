import type { GateResult } from '../../../core/contracts/phase.js';
import { judgeOf } from '../shared/gates.js';
import { integrityGates, type IntegrityFacts } from '../shared/integrity.js';
import type { ThoughtArms } from '../../../nn/evaluation/index.js';
import { theaterReport, type TheaterOptions, type TheaterReport } from '../shared/theater/index.js';
import type { BitnetOptions } from './options.js';
import type { GradientFlow } from './recover.js';
import { GATES } from './table.js';

/** What the gates look at; null where it was not measured. */
export interface GateSubject {
  readonly options: BitnetOptions;
  readonly integrity: readonly IntegrityFacts[];
  /** The packed file, read again, gives every tensor back to the bit. */
  readonly readBack: boolean;
  readonly gradientFlow: GradientFlow | null;
  readonly agreement: number | null;
  readonly ratio: number;
  readonly bytes: number;
  readonly retention: number | null;
  /** Relative rise of the perplexity of held-out text. */
  readonly perplexityRise: number;
  readonly recovered: number | null;
  readonly theater: TheaterReport;
  readonly speedup: number | null;
  readonly sparsity: number | null;
}

const judge = judgeOf(GATES);
const MEGABYTE = 1e6;
/** Tests of the anti-theater examination that are taken again. */
const REPEATED = ['T1_divergence', 'T2_ablation'];

/** What the packed model's thoughts are worth: it is asked with them, without, and after those about other questions. */
export function repeatedTests(
  arms: ThoughtArms,
  options: Pick<TheaterOptions, 'seed' | 'resamples'>,
): TheaterReport {
  return theaterReport({ arms }, { ...options, against: ['without', 'other'] });
}

/** Integrity and target gates of phase 4. A miss is reported with the measured figure. */
export function judgePhase(subject: GateSubject): GateResult[] {
  const { options, theater, gradientFlow } = subject;
  const { gates } = options;
  const without = theater.comparisons.without?.difference.low ?? null;
  const tests = theater.tests.filter(({ name }) => REPEATED.includes(name));
  const passed = tests.some((test) => test.passed === null)
    ? null
    : tests.every((test) => test.passed === true);
  return [
    ...integrityGates(subject.integrity, gates.parameterRange),
    judge.holds('packed_read_back', subject.readBack, 'every tensor of the file, bit by bit'),
    judge.judged(
      'gradient_flow',
      gradientFlow === null ? null : gradientFlow.matrices - gradientFlow.cut.length,
      `all of ${gradientFlow?.matrices ?? 0} matrices`,
      gradientFlow === null ? null : gradientFlow.cut.length === 0,
    ),
    judge.atLeast('dequantization_agreement', subject.agreement, gates.agreement),
    judge.atLeast('compression', subject.ratio, gates.compression),
    judge.atMost('file_size', subject.bytes / MEGABYTE, gates.megabytes),
    judge.atLeast('accuracy_retention', subject.retention, gates.accuracyRetention),
    judge.atMost('perplexity', subject.perplexityRise, gates.perplexityRise),
    judge.atLeast('recovery', subject.recovered, gates.recovery),
    judge.judged(
      'thoughts_help',
      without,
      'lower bound of the difference > 0',
      without === null ? null : without > 0,
    ),
    judge.judged('anti_theater', passed, 'T1 and T2 pass again', passed),
    judge.atLeast('speedup', subject.speedup, gates.speedup),
    judge.between('sparsity', subject.sparsity, gates.sparsity),
  ];
}
