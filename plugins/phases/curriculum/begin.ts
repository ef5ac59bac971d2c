import type { Assessment, RetentionMatrix } from '../../../nn/curriculum/index.js';
import { withBatchWriters } from '../../../nn/generation/index.js';
import { askInArms, questionGroups, writerOf } from '../shared/thoughts/examine.js';
import { assessed } from './assess.js';
import { gradientVariances } from './gradient-variance.js';
import { measuredLists } from './levels.js';
import { levelLists } from './lists.js';
import { lockedLoss } from '../shared/evaluation/locked-loss.js';
import { rightIn } from '../shared/thoughts/locked.js';
import type { CurriculumRun } from './prepare.js';
import type { Forge } from './training.js';
import { savedFor } from './saved.js';

/** The model as it came: where its curriculum begins, and what it could. JSON. */
export interface Beginning {
  readonly assessment: Assessment;
  /** Held-out tasks of every level before anything was learnt. */
  readonly retention: RetentionMatrix;
  /** Of each level, of the size of the gradient on its tasks. */
  readonly gradientVariance: readonly (number | null)[];
  /** Loss of locked text, nats. */
  readonly text: number;
  /** Locked questions of phase 3 answered rightly after a thought; null where none was asked. */
  readonly accuracy: number | null;
}

/**
 * Assess the model that came in and measure it, once: a run that goes on knows what was found.
 * @param fraction of the phase that is done, by the share of this
 */
export async function begin(
  run: CurriculumRun,
  forge: Forge,
  fraction: (done: number) => number,
): Promise<Beginning> {
  const saved = savedFor<Beginning>(run, 'beginning');
  const known = await saved.latest();
  if (known !== null) return known.state;
  const { clock } = run;
  const model = await forge.applied();
  const assessment = await clock.time('assessment', () =>
    assessed(run, model, (done) => fraction(ASSESSMENT * done)),
  );
  const state = await clock.time('before', async (): Promise<Beginning> => {
    const lists = levelLists(run, assessment.baseline);
    return {
      assessment,
      retention: await measuredLists(run, model, lists, { moment: 'before' }),
      gradientVariance: await gradientVariances(run, forge, lists),
      text: await lockedLoss(run, model),
      accuracy: await accuracyBefore(run, model),
    };
  });
  await run.writers.release(model);
  await saved.save({ step: 1, tensors: {}, state }, 1);
  return state;
}

/** Share of the assessment in what is done at the beginning. */
const ASSESSMENT = 0.4;

async function accuracyBefore(
  run: CurriculumRun,
  model: Awaited<ReturnType<Forge['applied']>>,
): Promise<number | null> {
  const { items, rows } = run.options.examination;
  const [group] = questionGroups(run.worked.locked, { items, furtherItems: 0 });
  return withBatchWriters(rows, async (writers) => {
    const writer = await writerOf(run.ctx, model, writers);
    return rightIn(
      await askInArms(run.examination, writer, group!, { only: ['with'], direct: false }),
      'with',
    );
  });
}
