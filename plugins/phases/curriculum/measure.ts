import { Draw } from '../../../nn/random/index.js';
import type { ToolCounts } from '../../../nn/tools/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { ask, type Answered } from '../shared/tasks/asking.js';
import { randomOf } from './lessons.js';
import type { CurriculumRun } from './prepare.js';
import type { Asked } from '../shared/tasks/prompts.js';
import type { Forge } from './training.js';

/** How a model does with one tool. Shares of held-out tasks. JSON. */
export interface ToolScore {
  readonly items: number;
  /** Right tool, readable call, expected result, with the manual in front. */
  readonly called: number;
  /** And the answer that follows is right. */
  readonly answered: number;
  /** Right answers without the manual. */
  readonly without: number;
  /** Calls without the manual. */
  readonly calledWithout: number;
}

/** How a model does with tools. JSON. */
export interface ToolScores {
  readonly tools: Readonly<Record<string, ToolScore>>;
  /** Calls where a manual is in front of a question that needs none; null where it was not asked. */
  readonly falseCalls: number | null;
  readonly plainItems: number;
  readonly counts: ToolCounts;
}

/** Difficulties of the tasks that tools are examined with. */
const ANY = [1, 100] as const;

/**
 * What low precision costs: loss of locked text where products are rounded as they were in training, relative to the loss
 * where they are not, less 1; null where training rounds nothing.
 */
export async function roundingCost(run: CurriculumRun, forge: Forge): Promise<number | null> {
  const { amp } = run.measuring.training;
  if (amp === 'off') return null;
  const batches = forge.readable(run.text.holdout.batches);
  const exact = await forge.trainer.evaluate('ema', batches);
  const rounded = await forge.trainer.evaluate('ema', batches, undefined, amp);
  return rounded.crossEntropy / exact.crossEntropy - 1;
}

/** Held-out tasks of every tool, with its manual and without, and questions that need none with a manual in front. */
export async function toolScores(run: CurriculumRun, model: LiveModel): Promise<ToolScores | null> {
  const { book, options } = run;
  if (book.tools.length === 0) return null;
  const draw = new Draw(randomOf(run, 'manuals', 'examination'));
  const count = options.examination.toolItems;
  const pause = (): Promise<void> => run.ctx.pausePoint(() => Promise.resolve());
  const tools: Record<string, ToolScore> = {};
  const counts = { total: 0, successful: 0, failed: 0, violations: 0 };
  for (const tool of book.tools) {
    const items = book.calls({ difficulty: ANY, side: 'held-out', count }, tool, 'examination');
    const bare = items.map((item): Asked => ({ item, manuals: [], hint: null }));
    const told = items.map((item) => book.withManual(item, draw));
    const [with_, without] = [
      await ask(run, model, told, pause),
      await ask(run, model, bare, pause, { free: true }),
    ];
    tools[tool] = scoreOf(with_.answers, without.answers);
    for (const key of ['total', 'successful', 'failed', 'violations'] as const)
      counts[key] += with_.counts[key] + without.counts[key];
  }
  const plain = book.questions(
    { difficulty: [1, EASY], side: 'held-out', count: options.examination.plainItems },
    'examination',
  );
  const aside = await ask(
    run,
    model,
    plain.map((item) => book.aside(item, draw)),
    pause,
  );
  return {
    ...{ tools, counts, plainItems: plain.length },
    falseCalls: share(aside.answers, ({ calls }) => calls.length > 0),
  };
}

/** Questions that need no tool are easy ones: a call is then no way out. */
const EASY = 30;

function scoreOf(told: readonly Answered[], bare: readonly Answered[]): ToolScore {
  return {
    items: told.length,
    called: share(told, ({ called }) => called) ?? 0,
    answered: share(told, ({ right }) => right) ?? 0,
    without:
      share(bare, ({ text, asked }) => text.includes(asked.item.answer) && !text.includes('unknown')) ?? 0,
    calledWithout: share(bare, ({ calls }) => calls.length > 0) ?? 0,
  };
}

function share<T>(all: readonly T[], holds: (one: T) => boolean): number | null {
  return all.length === 0 ? null : all.filter(holds).length / all.length;
}
