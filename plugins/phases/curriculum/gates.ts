import { retentionOf, retentionOfAll } from '../../../nn/curriculum/index.js';
import type { GateResult } from '../../../core/contracts/phase.js';
import { judgeOf } from '../shared/gates.js';
import { integrityGates, type IntegrityFacts } from '../shared/integrity.js';
import { isMet, subjectTime } from './comparison/report.js';
import { finalAccuracy, levelsPassed, meanOfTools, type Judged } from './findings.js';
import { rightIn } from '../shared/thoughts/locked.js';
import type { CurriculumOptions } from './options.js';
import { GATES } from './table.js';

const judge = judgeOf(GATES);
const LEVELS = 10;
/** Rounding of scales and codes that were computed once more. */
const SAME = 1e-6;
/** Between what phase 4 reported and what is measured here, nats. */
const SAME_LOSS = 1e-3;

/** What the gates look at besides the findings. */
export interface GateSubject {
  readonly options: CurriculumOptions;
  readonly integrity: readonly IntegrityFacts[];
  /** The packed file, read again, gives every tensor back to the bit. */
  readonly readBack: boolean;
  /** Loss of locked text as phase 4 reported it, nats. */
  readonly reportedLoss: number;
}

/** Integrity and target gates of phase 5. A miss is reported with the measured figure. */
export function judgePhase(found: Judged, subject: GateSubject): GateResult[] {
  const { options, integrity, readBack, reportedLoss } = subject;
  const { gates } = options;
  const { checks } = found;
  return [
    ...integrityGates(integrity, gates.parameterRange),
    judge.holds('packed_read_back', readBack, 'every tensor of the file, bit by bit'),
    judge.judged(
      'gradient_flow',
      checks.matrices - checks.cut.length,
      `all of ${checks.matrices} matrices`,
      checks.cut.length === 0,
    ),
    judge.atMost('codes_kept', checks.difference, SAME),
    judge.atMost('input_loss', Math.abs(checks.text - reportedLoss), SAME_LOSS),
    ...learningGates(found, gates),
    ...keepingGates(found, gates),
    ...timeGates(found, gates),
  ];
}

function learningGates(found: Judged, gates: CurriculumOptions['gates']): GateResult[] {
  const { assessment } = found.before;
  const levels = `${LEVELS} levels`;
  const passed = levelsPassed(found);
  const at = found.before.assessment.verdict === 'found' ? assessment.threshold : null;
  return [
    judge.atLeast('final_accuracy', finalAccuracy(found), gates.finalAccuracy),
    judge.judged('levels_completed', passed, levels, passed === LEVELS),
    judge.atLeast(
      'tool_success',
      meanOfTools(found.tools, ({ called }) => called),
      gates.toolSuccess,
    ),
    judge.atMost(
      'tool_restraint',
      meanOfTools(found.tools, ({ calledWithout }) => calledWithout),
      gates.restraint,
    ),
    judge.judged('assessment', at, 'a baseline within 1 to 100', assessment.verdict === 'found'),
  ];
}

function timeGates({ comparison }: Judged, { timeReduction }: CurriculumOptions['gates']): GateResult[] {
  if (comparison === null) return [];
  const time = subjectTime(comparison);
  const met = isMet(time, timeReduction);
  return [judge.judged('time_reduction', time.reduction, `>= ${timeReduction}`, met)];
}

function keepingGates(found: Judged, gates: CurriculumOptions['gates']): GateResult[] {
  const { before, after, theater, bytes, retention } = found;
  const [had, has] = [before.accuracy, rightIn(after.examined, 'with')];
  const help = theater.comparisons.without?.difference.low ?? null;
  const first = found.levels.length < 2 ? null : retentionOf(retention, 'level 1', 'end');
  return [
    // Nothing is kept of what was not measured before.
    judge.atLeast('accuracy_maintained', had === null ? null : has, (had ?? 0) - gates.maintained),
    judge.judged('thoughts_help', help, 'lower bound of the difference > 0', help === null ? null : help > 0),
    judge.atLeast('retention_first', first, gates.retentionFirst),
    judge.atLeast('retention_all', retentionOfAll(retention, 'end'), gates.retentionAll),
    ...(found.roundingCost === null
      ? []
      : [judge.atMost('amp_loss', found.roundingCost, gates.roundingCost)]),
    judge.atMost('file_size', bytes.after / bytes.before, 1 + gates.fileGrowth),
    judge.atMost('perplexity', Math.exp(after.text - before.text) - 1, gates.perplexityRise),
  ];
}
