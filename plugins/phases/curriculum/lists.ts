import type { Difficulty } from '../../../core/contracts/tool.js';
import { levelDifficulty } from '../../../nn/curriculum/index.js';
import { Draw } from '../../../nn/random/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { ask } from '../shared/tasks/asking.js';
import { randomOf } from './lessons.js';
import type { CurriculumRun } from './prepare.js';
import type { Asked } from '../shared/tasks/prompts.js';

/** Held-out tasks of a level: those of tools with a manual of held-out wording. */
export interface LevelList {
  readonly name: string;
  readonly level: number;
  readonly difficulty: Difficulty;
  readonly asked: readonly Asked[];
}

const LEVELS = 10;

/** The held-out lists of all levels. @param baseline of the assessment */
export function levelLists(run: CurriculumRun, baseline: Difficulty): LevelList[] {
  return Array.from({ length: LEVELS }, (_, i) => {
    const level = i + 1;
    const difficulty = levelDifficulty(baseline, level, LEVELS);
    const draw = new Draw(randomOf(run, 'manuals', `held-out ${level}`));
    const count = run.options.levels.heldOut;
    const items = run.book.mixed({ difficulty, side: 'held-out', count }, `level ${level}`);
    const asked = items.map((item) => run.book.plainly(item, draw));
    return { name: `level ${level}`, level, difficulty, asked };
  });
}

/** Share of tasks that a model answers rightly. */
export async function accuracyOf(
  run: CurriculumRun,
  model: LiveModel,
  asked: readonly Asked[],
): Promise<number> {
  const { answers } = await ask(run, model, asked, () => run.ctx.pausePoint(() => Promise.resolve()));
  return answers.filter(({ right }) => right).length / answers.length;
}
