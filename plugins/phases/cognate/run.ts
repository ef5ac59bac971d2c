import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { finishBranch, type FinishedBranch } from './branch.js';
import { conclude } from './conclude.js';
import type { CognateOptions } from './options.js';
import { prepare } from './prepare.js';
import { growBranch, growTrunk } from './grow.js';

/** Run phase 1: trunk, branches, measurements. Goes on from whatever its checkpoints hold. */
export async function runCognate(ctx: PhaseContext, options: CognateOptions): Promise<PhaseResult> {
  const run = await prepare(ctx, options);
  const trunk = await growTrunk(run);
  const finished: FinishedBranch[] = [];
  for (const [index, branch] of options.specializations.entries()) {
    const done =
      run.progress.finished(branch.name) ??
      (await growBranch(run, trunk, { branch, index }, (grown) => finishBranch(run, grown)));
    finished.push(done);
  }
  return conclude(run, trunk, finished);
}
