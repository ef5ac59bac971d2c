import type { ControlContext } from '../../../core/contracts/phase.js';
import type { BatchWriters } from '../../../nn/generation/index.js';
import { interveneInTheater } from '../shared/theater/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { askInArms, writerOf } from './examine.js';
import type { QuietstarRun } from './prepare.js';

/** Which of the two models goes on. JSON. */
export interface Choice {
  /** Share of free questions answered rightly after a thought, before and after step 2; null where none was asked. */
  readonly baked: number | null;
  readonly quiet: number | null;
  /** Step 2 made it worse and is taken back. */
  readonly rolledBack: boolean;
}

/** Questions that the two models are compared on: held out, and not those that are reported on. */
const ASKED = 128;

/** Step 2 goes on unless it answers fewer questions rightly than step 1 did and nobody wants it kept. */
export async function choose(
  run: QuietstarRun,
  { baked, quiet }: { readonly baked: LiveModel; readonly quiet: LiveModel },
  writers: BatchWriters,
): Promise<Choice> {
  const records = run.worked.free.filter(({ part }) => part === 'known').slice(0, ASKED);
  const accuracyOf = async (model: LiveModel): Promise<number | null> => {
    const writer = await writerOf(run, model, writers);
    const asked = { only: ['with'], direct: false } as const;
    const { arms } = await askInArms(run, writer, { part: 'known', records }, asked);
    const answers = arms.arms.with ?? [];
    return answers.length === 0 ? null : answers.filter(({ right }) => right).length / answers.length;
  };
  return choiceOf(run.ctx, await accuracyOf(baked), await accuracyOf(quiet));
}

/**
 * What becomes of step 2. Thoughts that cost right answers: whoever listens decides; nobody: they are taken back. Where
 * nothing was asked they stay.
 */
export async function choiceOf(
  ctx: Pick<ControlContext, 'intervene'>,
  baked: number | null,
  quiet: number | null,
): Promise<Choice> {
  if (baked === null || quiet === null || quiet >= baked) return { baked, quiet, rolledBack: false };
  const { rollBack, stop } = await interveneInTheater(ctx, 'roll-back');
  return { baked, quiet, rolledBack: rollBack || stop };
}
