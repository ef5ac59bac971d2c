import type { TensorDict } from '../../../../core/contracts/tensor.js';
import type { LiveModel } from '../../shared/model/open.js';
import { ask, type Answered } from '../../shared/tasks/asking.js';
import type { Asked } from '../../shared/tasks/prompts.js';
import { hashOf } from '../model.js';
import type { BakingRun } from '../prepare.js';
import { once } from '../saved.js';
import { toolQuestions, withManuals } from './questions.js';

/** What the model can do with a tool before anything is baked. Shares of held-out questions. JSON. */
export interface ToolCheck {
  readonly tool: string;
  readonly items: number;
  /** Called rightly with the manual in front, and without it. */
  readonly prompted: number;
  readonly unprompted: number;
  /** Why it is not baked; null: it is. */
  readonly refused: string | null;
}

/**
 * The teacher check: baking moves what the prompted model does already, so a tool that it cannot use with the manual in front,
 * or whose manual makes no difference, is refused by name.
 */
export function checkTools(
  run: BakingRun,
  model: LiveModel,
  weights: TensorDict,
  told: (done: number) => void | Promise<void>,
): Promise<readonly ToolCheck[]> {
  const { items, ...limits } = limitsOf(run);
  return once(run, 'tool-check', [hashOf(weights), run.toolNames, items, limits], async () => {
    const checks: ToolCheck[] = [];
    for (const tool of run.toolNames) {
      const asked = toolQuestions(run, tool, { side: 'held-out', count: items }, 'check');
      const prompted = await calledRightly(run, model, withManuals(run, asked, 'manual', 'check', tool));
      const unprompted = await calledRightly(run, model, asked);
      checks.push({ tool, items, prompted, unprompted, refused: refusal({ prompted, unprompted }, limits) });
      await told(checks.length);
    }
    return checks;
  });
}

function limitsOf({ options }: BakingRun) {
  const { leastPrompted, leastGain } = options.tools;
  return { items: options.examination.listItems, leastPrompted, leastGain };
}

function refusal(
  { prompted, unprompted }: Pick<ToolCheck, 'prompted' | 'unprompted'>,
  { leastPrompted, leastGain }: { readonly leastPrompted: number; readonly leastGain: number },
): string | null {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  if (prompted < leastPrompted)
    return `with its manual it is called rightly in ${percent(prompted)}, less than ${percent(leastPrompted)}`;
  if (prompted - unprompted < leastGain)
    return `its manual makes a difference of ${percent(prompted - unprompted)}, less than ${percent(leastGain)}`;
  return null;
}

/** Share of questions in which the right tool was called first, readably, with the expected result. */
export async function calledRightly(
  run: BakingRun,
  model: LiveModel,
  asked: readonly Asked[],
): Promise<number> {
  return shareOf(await answersOf(run, model, asked), ({ called }) => called);
}

/** Answers without anything opened for it, the likeliest tokens. */
export async function answersOf(
  run: BakingRun,
  model: LiveModel,
  asked: readonly Asked[],
): Promise<readonly Answered[]> {
  const pause = (): Promise<void> => run.ctx.pausePoint(() => Promise.resolve());
  return (await ask(run, model, asked, pause, { free: true })).answers;
}

export function shareOf<T>(all: readonly T[], holds: (one: T) => boolean): number {
  return all.filter(holds).length / all.length;
}
