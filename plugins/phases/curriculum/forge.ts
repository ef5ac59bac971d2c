import type { TaskItem } from '../../../core/contracts/task.js';
import type { Document } from '../../../nn/data/index.js';
import { HARDEST } from '../../../nn/curriculum/index.js';
import { Draw } from '../../../nn/random/index.js';
import { earlierDocuments, randomOf, some, type Lesson } from './lessons.js';
import type { CurriculumRun } from './prepare.js';
import { referenceDocument, type Asked, type Way } from '../shared/tasks/prompts.js';
import type { Wanted } from '../shared/tasks/book.js';

/** Tasks of main training are at least as hard as this at their hardest: a baseline of 1 would give one sum again and again. */
const LEAST_RANGE = 20;

/**
 * What main training learns: tasks up to the baseline, with manuals and without, among what earlier phases learnt.
 * @param baseline of the assessment
 */
export function forgeDocuments(run: CurriculumRun, baseline: number): Document[] {
  const { data, forge } = run.options;
  const { rows, length, accumulation } = run.measuring.training;
  const tokens = forge.steps * rows * length * accumulation;
  const share = Math.max(0, 1 - data.thoughts - data.replay);
  const tasks = taskDocuments(run, baseline, share * tokens);
  return [...tasks, ...earlierDocuments(run, { tokens: (1 - share) * tokens, ...data })];
}

/** What is learnt last: tasks of all levels that were passed through, and of everything before. */
export function consolidationDocuments(
  run: CurriculumRun,
  baseline: number,
  learnt: readonly Lesson[],
): Document[] {
  const { data, consolidation } = run.options;
  const { rows, length, accumulation } = run.measuring.training;
  const tokens = consolidation.steps * rows * length * accumulation;
  if (tokens === 0) return [];
  const share = Math.max(0, 1 - data.thoughts - data.replay);
  const lessons = learnt.map(({ asked, way }) => referenceDocument(run.language, asked, way));
  const random = randomOf(run, 'consolidation');
  const again = some(forgeDocuments(run, baseline), Math.max(lessons.length, MANY), random);
  const tasks = [...lessons, ...again];
  const size = tasks.reduce((sum, { ids }) => sum + ids.length, 0);
  return [
    ...tasks,
    ...earlierDocuments(run, { tokens: (size * (1 - share)) / Math.max(share, 0.01), ...data }),
  ];
}

/** Documents of main training that are learnt again at least, where there are so many. */
const MANY = 1000;

/** How hard the tasks of main training are. */
export function forgeRange(
  baseline: number,
): Pick<Wanted, 'difficulty'> & { readonly tools: Wanted['difficulty'] } {
  return { difficulty: [1, Math.min(HARDEST, Math.max(baseline, LEAST_RANGE))], tools: [1, HARDEST] };
}

/** Tasks as main training poses them, each with its reference answer. */
export function posedDocuments(run: CurriculumRun, items: readonly TaskItem[], draw: Draw): Document[] {
  return items.map((item) => {
    const { asked, way } = posed(run, item, draw);
    return referenceDocument(run.language, asked, way);
  });
}

/** Easier tasks about tools can be answered without one: to say that the answer is unknown would be wrong. */
const OUT_OF_REACH = 40;

/** As main training asks: with a manual or without one, and how that is to be answered. */
export function posed(
  { book, options }: Pick<CurriculumRun, 'book' | 'options'>,
  item: TaskItem,
  draw: Draw,
): { readonly asked: Asked; readonly way: Way } {
  const { without, other, aside } = options.tools;
  const bare: Asked = { item, manuals: [], hint: null };
  const way: Way = item.thought === null ? 'direct' : 'thought';
  if (item.tool === null) return { asked: draw.chance(aside) ? book.aside(item, draw) : bare, way };
  if (item.difficulty >= OUT_OF_REACH && draw.chance(without)) return { asked: bare, way: 'unknown' };
  if (draw.chance(other)) return { asked: book.withOther(item, draw), way: 'unknown' };
  return { asked: book.withManual(item, draw), way: 'call' };
}

/** At least the asked number of samples, and enough for so many tokens. */
function taskDocuments(run: CurriculumRun, baseline: number, tokens: number): Document[] {
  const { length } = run.measuring.training;
  const draw = new Draw(randomOf(run, 'manuals', 'forge'));
  const documents: Document[] = [];
  let [left, drawn] = [tokens, 0];
  for (let part = 0; left > 0 || documents.length < run.options.data.samples; part++) {
    const wanted = { side: 'train', count: PART } as const;
    const items = run.book.mixed({ ...wanted, ...forgeRange(baseline) }, 'forge', String(part));
    const made = posedDocuments(run, items, draw);
    const fitting = made.filter(({ ids }) => ids.length <= length);
    if (fitting.length === 0) {
      run.ctx.log.warn(`No task of ${made.length} fits rows of ${length} tokens: main training has none.`);
      break;
    }
    documents.push(...fitting);
    drawn += made.length;
    left -= fitting.reduce((sum, { ids }) => sum + ids.length, 0);
  }
  const tooLong = drawn - documents.length;
  if (tooLong > MANY_TOO_LONG * drawn)
    run.ctx.log.warn(
      `${tooLong} of ${drawn} tasks are longer than rows of ${length} tokens and are not learnt: ` +
        'forge.training.length makes rows longer.',
    );
  return documents;
}

/** Share of the tasks that may be left out without a word. */
const MANY_TOO_LONG = 0.05;

/** Tasks that are drawn at a time. */
const PART = 500;
