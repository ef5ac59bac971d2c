import { Draw } from '../../../nn/random/index.js';
import type { Lifecycle } from '../../../nn/curriculum/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { counted } from '../shared/progress.js';
import { ask, type Answered } from '../shared/tasks/asking.js';
import { randomOf } from './lessons.js';
import type { CurriculumRun } from './prepare.js';
import type { Asked } from '../shared/tasks/prompts.js';

/** A place of the level is mastered as one, whatever variant stands for it. */
export function placeName(place: number): string {
  return String(place);
}

/** Ask the task of every place that is still learnt; another variant stands for it afterwards. */
export async function attempted(
  run: CurriculumRun,
  model: LiveModel,
  state: { readonly places: readonly Asked[] },
  lifecycle: Lifecycle,
  { name, fraction }: { readonly name: string; readonly fraction: () => number },
) {
  const { book, options } = run;
  const active = lifecycle.active.map(Number);
  const asked = active.map((place): Asked => {
    const one = state.places[place]!;
    const level = options.tasks.hints ? lifecycle.hintLevel(placeName(place)) : 0;
    return { ...one, hint: book.hint(one.item, level) };
  });
  const told = counted(run.ctx, { task: `${name} attempts`, total: asked.length, unit: 'task', fraction });
  const { answers, counts } = await ask(run, model, asked, told);
  const random = randomOf(run, 'variants', name);
  const draw = new Draw(random);
  const places = [...state.places];
  for (const [i, answered] of answers.entries()) {
    const place = active[i]!;
    const { item } = answered.asked;
    lifecycle.record({ concept: placeName(place), id: item.id, right: answered.right });
    places[place] = book.plainly(book.variant(item, random), draw);
  }
  const bare = answers.filter(({ asked: { hint } }) => hint === null);
  return {
    ...{ answers, places, calls: counts },
    hints: answers.length - bare.length,
    unhinted: shareRight(bare),
  };
}

function shareRight(answers: readonly Answered[]): number | null {
  return answers.length === 0 ? null : answers.filter(({ right }) => right).length / answers.length;
}
