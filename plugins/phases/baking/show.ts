import type { LiveModel } from '../shared/model/open.js';
import type { Asked } from '../shared/tasks/prompts.js';
import type { Judged } from './findings.js';
import { withTag } from './personas/questions.js';
import type { BakingRun } from './prepare.js';
import { answersOf } from './tools/check.js';
import { toolQuestions } from './tools/questions.js';

/** Tell the sinks a question of every tool, answered without a manual, and one answered as each persona whose token there is. */
export async function showAnswers(
  run: BakingRun,
  name: string,
  model: LiveModel,
  { personas }: Pick<Judged, 'personas'>,
): Promise<void> {
  const { tokenizer } = run.language;
  const bare = run.toolNames.flatMap((tool) =>
    toolQuestions(run, tool, { side: 'held-out', count: 1 }, 'shown'),
  );
  const [first] = bare;
  const spoken =
    first === undefined
      ? []
      : personas.names
          .filter((one) => Object.hasOwn(run.personaTags, one))
          .map((one) => withTag(run, one, first));
  const asked: readonly Asked[] = [...bare, ...spoken];
  for (const { ids, asked: one } of await answersOf(run, model, asked)) {
    const prompt = [...one.manuals, `Question: ${one.item.question}`, 'Answer:'].join('\n');
    run.ctx.event('sample', { model: name, prompt, text: tokenizer.decode(ids ?? [], { specials: true }) });
  }
}
