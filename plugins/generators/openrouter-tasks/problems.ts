import type { Checker, TaskItem } from '../../../core/contracts/task.js';
import type { Difficulty, TaskSide } from '../../../core/contracts/tool.js';
import { contentHash } from '../../../nn/data/content-hash.js';
import { requireChecked } from '../../../nn/curriculum/index.js';
import { Draw, stream } from '../../../nn/random/index.js';
import { drawSums, expressionOf, stepsOf, valuesOf, type Chain } from '../shared/chain.js';
import { scaled } from '../shared/scale.js';
import { sideOf } from '../shared/sides.js';

export const NAME = 'openrouter-tasks';
export const CONCEPT = 'written-problem';

/** Difficulties that problems are written for. */
export const GRID: readonly Difficulty[] = Array.from({ length: 10 }, (_, place) => 1 + 11 * place);

const EASIEST = { largest: 3, steps: 1 };
const LONGEST = 160;
/** One of so many is held out. */
const EVERY = 5;
/** Draws for a calculation that there is not yet. */
const PATIENCE = 200;

/** A calculation that a problem is to be written about. */
export interface Wanted {
  readonly side: TaskSide;
  readonly difficulty: Difficulty;
  readonly chain: Chain;
}

export interface ProblemSize {
  readonly largest: number;
  readonly steps: number;
}

/** Different calculations over all difficulties, one in five of them held out; fewer where there are not so many. */
export function plan(seed: number, count: number, size: ProblemSize): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (let place = 0; place < count; place++) {
    const side: TaskSide = place % EVERY === EVERY - 1 ? 'held-out' : 'train';
    const difficulty = GRID[Math.floor(place / EVERY) % GRID.length]!;
    const draw = new Draw(stream(seed, NAME, place));
    for (let draws = 0; draws < PATIENCE; draws++) {
      const chain = drawSums(draw, {
        largest: scaled(draw, difficulty, EASIEST.largest, size.largest),
        steps: scaled(draw, difficulty, EASIEST.steps, size.steps),
      });
      const expression = expressionOf(chain);
      if (wanted.has(expression) || sideOf(`${NAME} ${CONCEPT} ${expression}`) !== side) continue;
      wanted.set(expression, { side, difficulty, chain });
      break;
    }
  }
  return [...wanted.values()];
}

/** What a writer is told. It never decides an answer: it puts a calculation into words. */
export function instructions(wanted: readonly Wanted[]): string {
  return [
    'Write a short word problem for each calculation below.',
    `Each is one line of at most ${LONGEST} characters in plain English and ends in a question.`,
    'Use every number of the calculation once, in digits, in the given order, and no other digits.',
    'Plus means that something comes, minus that something goes.',
    'Reply with a JSON array alone: [{"calculation": "2+4-3", "question": "...", "answer": 3}, ...]',
    '',
    ...wanted.map(({ chain }) => expressionOf(chain)),
  ].join('\n');
}

export interface Verified {
  readonly items: readonly TaskItem[];
  /** Calculations without a problem that could be verified. */
  readonly rejected: readonly Wanted[];
}

/**
 * The problems of a reply that hold: about a calculation that was asked for, with its numbers in its order, and with the answer
 * that the calculation has when it is worked out here.
 *
 * @param taken wordings that the other side has, their numbers left out
 */
export function verify(
  content: string,
  wanted: readonly Wanted[],
  { checker, source, taken }: { checker: Checker; source: string; taken: ReadonlySet<string> },
): Verified {
  const written = writtenIn(content);
  const items: TaskItem[] = [];
  const rejected = wanted.filter((one) => {
    const found = written.find(({ calculation }) => calculation === expressionOf(one.chain));
    const item = found === undefined ? null : itemOf(one, found, source);
    const holds =
      item !== null && checker.check(String(found!.answer), item) && !taken.has(wordingOf(item.question));
    if (holds) items.push(requireChecked(item, checker));
    return !holds;
  });
  return { items, rejected };
}

/** A question with its numbers left out. */
export function wordingOf(question: string): string {
  return question.replace(/\d+/g, '#').toLowerCase();
}

interface Written {
  readonly calculation: string;
  readonly question: string;
  readonly answer: unknown;
}

/** What is between the first and the last bracket, as far as it is what was asked for. */
function writtenIn(content: string): readonly Written[] {
  let list: unknown;
  try {
    list = JSON.parse(content.slice(content.indexOf('['), content.lastIndexOf(']') + 1));
  } catch {
    return [];
  }
  return (Array.isArray(list) ? (list as unknown[]) : []).filter((one): one is Written => {
    const { calculation, question } = (one ?? {}) as Partial<Record<keyof Written, unknown>>;
    return typeof calculation === 'string' && typeof question === 'string';
  });
}

function itemOf({ side, difficulty, chain }: Wanted, written: Written, source: string): TaskItem | null {
  const question = written.question.trim();
  const numbers = [chain.start, ...chain.operations.map(({ by }) => by)].join(' ');
  const told = (question.match(/\d+/g) ?? []).join(' ');
  if (told !== numbers || question.length > LONGEST || /[\r\n<>]/.test(question)) return null;
  return {
    id: contentHash(question),
    generator: NAME,
    concept: CONCEPT,
    difficulty,
    side,
    question,
    answer: String(valuesOf(chain).at(-1)!),
    thought: stepsOf(chain)
      .map((step) => `<step>${step}`)
      .join(''),
    checker: 'number',
    tool: null,
    source,
  };
}
