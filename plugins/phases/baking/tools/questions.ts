import { TOOL, type TaskSide } from '../../../../core/contracts/tool.js';
import { Draw } from '../../../../nn/random/index.js';
import type { Asked } from '../../shared/tasks/prompts.js';
import type { Posed } from '../examples.js';
import { randomOf, type BakingRun } from '../prepare.js';

/** Difficulties of the questions that tools are baked and examined with. */
const ANY = [1, 100] as const;

/** Questions that need no tool are easy ones: a call is then no way out. */
const EASY = [1, 30] as const;

/** Questions that need one tool, without anything in front. @param words name the numbers that draw them */
export function toolQuestions(
  { book }: Pick<BakingRun, 'book'>,
  tool: string,
  { side, count }: { readonly side: TaskSide; readonly count: number },
  ...words: readonly string[]
): Asked[] {
  const items = book.calls({ difficulty: ANY, side, count }, tool, ...words, tool);
  return items.map((item): Asked => ({ item, manuals: [], hint: null }));
}

/** Questions that need no tool. */
export function plainQuestions(
  { book }: Pick<BakingRun, 'book'>,
  { side, count }: { readonly side: TaskSide; readonly count: number },
  ...words: readonly string[]
): Asked[] {
  const items = book.questions({ difficulty: EASY, side, count }, ...words);
  return items.map((item): Asked => ({ item, manuals: [], hint: null }));
}

/** How much of a manual stands in front of a question: all of it, a few words, the name of the tool, nothing. */
export const FADING = ['manual', 'short', 'name', 'none'] as const;
export type Fading = (typeof FADING)[number];

/**
 * The same questions with the manual of their tool in front: in wordings of training, as the teacher reads them, or in one
 * of the forms that it fades to.
 */
export function withManuals(
  run: Pick<BakingRun, 'ctx'>,
  asked: readonly Asked[],
  form: Fading,
  ...words: readonly string[]
): Asked[] {
  if (form === 'none') return [...asked];
  const draw = new Draw(randomOf(run, 'manuals', ...words));
  return asked.map((one) => ({ ...one, manuals: [manualOf(run, one.item.tool!.name, form, draw)] }));
}

function manualOf(
  { ctx }: Pick<BakingRun, 'ctx'>,
  tool: string,
  form: Exclude<Fading, 'none'>,
  draw: Draw,
): string {
  const { wordings, short } = ctx.resolve(TOOL, tool).manual;
  if (form === 'manual') return draw.pick(wordings);
  // A short form begins with the tag of the tool: `<|calculator|>: arithmetic`.
  return form === 'short' ? short : short.slice(0, short.indexOf('|>') + 2);
}

/** Questions as the teacher reads them, with the manual, and as the model will, without. */
export function posedTool(run: BakingRun, asked: readonly Asked[], ...words: readonly string[]): Posed[] {
  const told = withManuals(run, asked, 'manual', ...words);
  return asked.map((model, i) => ({ teacher: told[i]!, model }));
}
