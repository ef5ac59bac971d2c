import type { LiveModel } from '../shared/model/open.js';
import type { Answered } from '../shared/tasks/asking.js';
import type { Asked } from '../shared/tasks/prompts.js';
import { askInArms, questionGroups, writerOf } from '../shared/thoughts/examine.js';
import type { BakingRun } from './prepare.js';
import { personaQuestions, showsTrait, withTag } from './personas/questions.js';
import { answersOf } from './tools/check.js';
import { toolQuestions } from './tools/questions.js';

/** Held-out questions that are asked again and again: what a model that learns more must not forget. */
export interface EvaluationList {
  readonly name: string;
  /** Whether each question is answered as it should be, in their order. */
  readonly answered: (model: LiveModel) => Promise<readonly boolean[]>;
}

/** Questions of a tool, without a manual: whether it is called rightly. */
export function toolList(run: BakingRun, tool: string): EvaluationList {
  const { listItems: count } = run.options.examination;
  const asked = toolQuestions(run, tool, { side: 'held-out', count }, 'list');
  return listOf(run, tool, asked, ({ called }) => called);
}

/** Questions with the token of a persona in front: whether its trait is shown. @param tools that it calls by itself */
export function personaList(run: BakingRun, persona: string, tools: readonly string[]): EvaluationList {
  const { listItems: count } = run.options.examination;
  const asked = personaQuestions(run, { side: 'held-out', count, tools }, 'list');
  return listOf(
    run,
    persona,
    asked.map((one) => withTag(run, persona, one)),
    (answered) => showsTrait(run, persona, answered),
  );
}

function listOf(
  run: BakingRun,
  name: string,
  asked: readonly Asked[],
  holds: (answered: Answered) => boolean,
): EvaluationList {
  return { name, answered: async (model) => (await answersOf(run, model, asked)).map(holds) };
}

/** What the list of the questions of phase 3 is called. */
export const THOUGHTS = 'thoughts';

/** Questions of phase 3, after a thought; null where there are none. */
export function thoughtList(run: BakingRun): EvaluationList | null {
  const { listItems: items } = run.options.examination;
  const [group] = questionGroups(run.worked.locked, { items, furtherItems: 0 });
  if (group === undefined || run.worked.locked.length === 0) return null;
  return {
    name: THOUGHTS,
    answered: async (model) => {
      const writer = await writerOf(run.ctx, model, run.writers);
      const examined = await askInArms(run.examination, writer, group, { only: ['with'], direct: false });
      return examined.arms.arms.with!.map(({ right }) => right);
    },
  };
}
