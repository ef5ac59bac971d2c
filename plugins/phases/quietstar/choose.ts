import type { ControlContext } from '../../../core/contracts/phase.js';
import { interveneInTheater } from '../shared/theater/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { askInArms } from './examine.js';
import type { QuietstarRun } from './prepare.js';

/** Questions to choose by, answered after a thought. JSON. */
export interface FreeAccuracy {
  /** Share of them that was answered rightly; null where none was asked. */
  readonly accuracy: number | null;
  readonly items: number;
}

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

/** How many of the questions to choose by a model answers rightly after a thought. */
export async function accuracyToChooseBy(run: QuietstarRun, model: LiveModel): Promise<FreeAccuracy> {
  const records = run.worked.free.filter(({ part }) => part === 'known').slice(0, ASKED);
  const { arms } = await askInArms(run, model, { part: 'known', records }, { only: ['with'] });
  const answers = arms.arms.with ?? [];
  const items = answers.length;
  return { accuracy: items === 0 ? null : answers.filter(({ right }) => right).length / items, items };
}

/**
 * Step 2 goes on unless it answers fewer questions rightly than step 1 did and nobody wants it kept.
 * @param baked of step 1
 */
export async function choose(run: QuietstarRun, baked: FreeAccuracy, quiet: LiveModel): Promise<Choice> {
  return choiceOf(run.ctx, baked.accuracy, (await accuracyToChooseBy(run, quiet)).accuracy);
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
