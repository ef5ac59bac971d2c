import { probeBaseline, type Assessment } from '../../../nn/curriculum/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { counted } from '../shared/progress.js';
import { accuracyOf } from './lists.js';
import type { CurriculumRun } from './prepare.js';

/** Probes of an assessment at most: the grid, the end that is asked again, and a pair per refinement. */
function mostProbes({ grid, refinements }: CurriculumRun['options']['assessment']): number {
  return grid + 1 + 2 * refinements.length;
}

/**
 * Find the difficulty at which a model answers the asked share of questions, tools aside: they have not been taught. Nothing
 * has been learnt of any question yet, and those that training asks are in words that the model may know: held-out words
 * would be counted as difficulty.
 */
export async function assessed(
  run: CurriculumRun,
  model: LiveModel,
  fraction: (done: number) => number,
): Promise<Assessment> {
  const { assessment } = run.options;
  let probes = 0;
  const told = counted(run.ctx, {
    task: 'assessment',
    total: mostProbes(assessment),
    unit: 'probe',
    fraction,
  });
  return probeBaseline(async (difficulty, count) => {
    const words = ['assessment', String(difficulty), String(probes)];
    const items = run.book.questions({ difficulty, side: 'train', count }, ...words);
    const accuracy = await accuracyOf(
      run,
      model,
      items.map((item) => ({ item, manuals: [], hint: null })),
    );
    await told(++probes);
    return Math.round(accuracy * items.length);
  }, assessment);
}
