import type { ControlContext } from '../../../core/contracts/phase.js';
import type { BatchWriters } from '../../../nn/generation/index.js';
import { interveneInTheater } from '../shared/theater/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { askInArms, writerOf } from '../shared/thoughts/examine.js';
import { examinationOf } from './examination.js';
import { freeQuestions } from './free-questions.js';
import type { QuietstarRun } from './prepare.js';
import type { QuietThinker } from './quiet.js';
import { endsWithoutThoughts } from './quiet-stages.js';

/** How questions to choose by were answered. JSON. */
export interface FreeAccuracy {
  /** Share of them that was answered rightly; null where none was asked. */
  readonly accuracy: number | null;
  readonly items: number;
  /** After a thought, or without one where step 2 ends without. */
  readonly arm: 'with' | 'without';
}

/** Which of the two models goes on. JSON. */
export interface Choice {
  /**
   * Share of free questions answered rightly, before and after step 2: after a thought, or without one where step 2 ends
   * without; null where none was asked, as of a step 2 that was stopped.
   */
  readonly baked: number | null;
  readonly quiet: number | null;
  /** Step 2 made it worse, or was stopped, and is taken back. */
  readonly rolledBack: boolean;
}

/** How many of the questions to choose by a model answers rightly: as the model that step 2 makes is to answer. */
export async function accuracyToChooseBy(
  run: QuietstarRun,
  model: LiveModel,
  writers: BatchWriters,
): Promise<FreeAccuracy> {
  const arm = endsWithoutThoughts(run.options) ? 'without' : 'with';
  const { choice: records } = freeQuestions(run.worked, run.options.quiet);
  const writer = await writerOf(run.ctx, model, writers);
  const group = { part: 'known', records };
  const { arms } = await askInArms(examinationOf(run), writer, group, { only: [arm], direct: false });
  const answers = arms.arms[arm] ?? [];
  const items = answers.length;
  const accuracy = items === 0 ? null : answers.filter(({ right }) => right).length / items;
  return { accuracy, items, arm };
}

/**
 * Step 2 goes on unless it answers fewer questions rightly than step 1 did and nobody wants it kept, or somebody has stopped
 * it.
 * @param baked of step 1
 */
export async function choose(
  run: QuietstarRun,
  baked: FreeAccuracy,
  { model, theater }: Pick<QuietThinker, 'model' | 'theater'>,
  writers: BatchWriters,
): Promise<Choice> {
  if (theater.stopped) return { baked: baked.accuracy, quiet: null, rolledBack: true };
  return choiceOf(run.ctx, baked.accuracy, (await accuracyToChooseBy(run, model, writers)).accuracy);
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
