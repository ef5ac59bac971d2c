import type { GateResult } from '../../../core/contracts/phase.js';
import { judgeOf } from '../shared/gates.js';
import { integrityGates } from '../shared/integrity.js';
import type { FinishedBranch } from './branch.js';
import type { Diversity } from './diversity.js';
import type { CognateOptions } from './options.js';
import { GATES } from './table.js';

const judge = judgeOf(GATES);

/** What models are compared with. */
export interface Marks {
  /** Held-out loss of the untrained model, nats. */
  readonly heldOutAtStart: number;
  /** Loss of token frequencies alone, nats. */
  readonly unigramEntropy: number;
}

/** Integrity and target gates of phase 1. A miss is reported with the measured figure. */
export function judgePhase(
  branches: readonly FinishedBranch[],
  marks: Marks,
  diversity: Diversity,
  { specializations, gates }: Pick<CognateOptions, 'specializations' | 'gates'>,
): GateResult[] {
  const different = new Set(branches.map(({ model }) => model.weights.sha256)).size;
  return [
    // Two specialists with the same weights would be one model.
    judge.equals('model_count', different, specializations.length),
    ...integrityGates(
      branches.map(({ model, integrity }) => ({ model, ...integrity })),
      gates.parameterRange,
    ),
    ...branches.flatMap((branch) => targets(branch, marks)),
    judge.atLeast('halting_spread', diversity.haltingSpread, gates.haltingSpread),
    judge.atLeast('memory_spread', diversity.memorySpread, gates.memorySpread),
    judge.atLeast('latency_spread', diversity.latencySpread, gates.latencySpread),
    judge.atLeast('output_divergence', diversity.outputDivergence, gates.divergence),
  ];
}

function targets(branch: FinishedBranch, { heldOutAtStart, unigramEntropy }: Marks): GateResult[] {
  const { name, heldOut, stepLosses, measurements } = branch;
  const reduction = 1 - heldOut / heldOutAtStart;
  const ordered = stepLosses.every((loss, k) => k === 0 || loss <= stepLosses[k - 1]!);
  const losses = stepLosses.map((loss) => loss.toFixed(4)).join(' >= ');
  return [
    judge.atMost(['below_unigram_entropy', name], heldOut, unigramEntropy),
    judge.atLeast(['loss_reduction', name], reduction, 0.7),
    judge.atMost(['loss_below_3', name], heldOut, 3),
    // A model of one step has no order to keep.
    judge.judged(['step_losses_ordered', name], losses, 'falling', stepLosses.length < 2 ? null : ordered),
    judge.between(['avg_steps', name], measurements.averageSteps, [1.5, 4]),
    judge.atLeast(['gate_entropy', name], branch.gateEntropy, 0.5),
    judge.atMost(['latency_ms', name], measurements.latencyMs, 100),
  ];
}
