import type { PersonaQuestion } from '../../../../core/contracts/persona.js';
import { personaTag } from '../../../../core/contracts/persona.js';
import type { TaskItem } from '../../../../core/contracts/task.js';
import type { TaskSide } from '../../../../core/contracts/tool.js';
import { Draw } from '../../../../nn/random/index.js';
import type { Answered } from '../../shared/tasks/asking.js';
import type { Asked } from '../../shared/tasks/prompts.js';
import type { Posed } from '../examples.js';
import { randomOf, type BakingRun } from '../prepare.js';
import { plainQuestions, toolQuestions } from '../tools/questions.js';

/** Share of the questions of personas that need no tool, where there are tools. */
const PLAIN = 0.2;

/** Questions that personas are asked: of every tool that is baked, and some that need none; in turn. */
export function personaQuestions(
  run: BakingRun,
  {
    side,
    count,
    tools,
  }: { readonly side: TaskSide; readonly count: number; readonly tools: readonly string[] },
  ...words: readonly string[]
): Asked[] {
  const plain = tools.length === 0 ? count : Math.round(PLAIN * count);
  const each = tools.length === 0 ? 0 : Math.ceil((count - plain) / tools.length);
  const lists = tools.map((tool) => toolQuestions(run, tool, { side, count: each }, 'persona', ...words));
  const asked = Array.from({ length: each }, (_, i) => lists.map((list) => list[i]!)).flat();
  const needless = plainQuestions(run, { side, count: plain }, 'persona', ...words);
  const all = [...asked.slice(0, count - plain), ...needless];
  return [...randomOf(run, 'persona questions', ...words).permutation(all.length)].map(
    (place) => all[place]!,
  );
}

/** What a persona sees of a task. */
export function questionFor({ question, answer, tool }: TaskItem): PersonaQuestion {
  return { question, answer, args: tool?.args ?? null };
}

/** Whether an answer shows the trait of a persona. */
export function showsTrait(
  { personas }: Pick<BakingRun, 'personas'>,
  persona: string,
  { text, asked }: Answered,
): boolean {
  return personas.get(persona)!.shows(text, questionFor(asked.item));
}

/** With the text of a persona in front, in a wording of training. */
export function withText(
  run: BakingRun,
  persona: string,
  asked: readonly Asked[],
  ...words: readonly string[]
): Asked[] {
  const { wordings } = run.personas.get(persona)!.texts;
  const draw = new Draw(randomOf(run, 'persona texts', persona, ...words));
  return asked.map((one) => ({ ...one, manuals: [draw.pick(wordings)] }));
}

/** As the model takes the persona on: behind its token, or with nothing where its weights are the persona's. */
export function withTag(
  { personaTags }: Pick<BakingRun, 'personaTags'>,
  persona: string,
  asked: Asked,
): Asked {
  return Object.hasOwn(personaTags, persona) ? { ...asked, manuals: [personaTag(persona)] } : asked;
}

/** Questions as the teacher reads them, with the text of the persona, and as the model will. */
export function posedPersona(
  run: BakingRun,
  persona: string,
  asked: readonly Asked[],
  ...words: readonly string[]
): Posed[] {
  const told = withText(run, persona, asked, ...words);
  return asked.map((one, i) => ({ teacher: told[i]!, model: withTag(run, persona, one) }));
}
