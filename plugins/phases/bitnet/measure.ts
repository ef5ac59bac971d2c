import type { ArmName, ThoughtArmsOptions } from '../../../nn/evaluation/index.js';
import { withBatchWriters } from '../../../nn/generation/index.js';
import type { HostBatch, Trainer } from '../../../nn/training/index.js';
import { withUntrained } from '../shared/evaluation/untrained.js';
import type { LiveModel } from '../shared/model/open.js';
import { askInArms, questionGroups, writerOf, type Examined } from '../shared/thoughts/examine.js';
import type { BitnetRun } from './prepare.js';
import { questionRows } from './rows.js';

/** Held-out losses of one model, nats per token. */
export interface Losses {
  readonly text: number;
  /** Questions with their worked thoughts; null where none fits into a row. */
  readonly questions: number | null;
}

/** How many questions were answered rightly, after a thought and without. */
export interface Answers {
  readonly items: number;
  readonly with: number | null;
  readonly without: number | null;
}

/** Which held-out lists are looked at: `free` ones to choose by, `locked` ones to report on. */
export type Side = 'free' | 'locked';

/** Losses on the frozen lists. */
export function lossesOf(run: BitnetRun, model: LiveModel, side: Side): Promise<Losses> {
  const text = (side === 'free' ? run.text.selection : run.text.holdout).batches;
  return withUntrained(run.measuring, model, async (trainer) => {
    const { crossEntropy } = await trainer.evaluate('param', text);
    return { text: crossEntropy, questions: await lossIfAny(trainer, questionRows(run, side)) };
  });
}

/** Null where there are no rows. */
export async function lossIfAny(
  trainer: Pick<Trainer, 'evaluate'>,
  rows: readonly HostBatch[],
): Promise<number | null> {
  return rows.length === 0 ? null : (await trainer.evaluate('param', rows)).crossEntropy;
}

/** Of the lists that there are. */
export function lossSum({ text, questions }: Losses): number {
  return text + (questions ?? 0);
}

/** By how much the loss of each list rose that there is. */
export function lossRises(before: Losses, after: Losses): number[] {
  const [first, last] = [before.questions, after.questions];
  return [after.text - before.text, ...(first === null || last === null ? [] : [last - first])];
}

/** What is asked of a model, and of how many questions at most. */
export type Asked = Pick<ThoughtArmsOptions, 'only' | 'direct'> & { readonly items: number };

/** After a thought, and no more. */
export function thoughtsAlone(items: number): Asked {
  return { items, only: ['with'], direct: false };
}

/** Let a model answer locked questions of known kinds. */
export async function answersOf(
  run: BitnetRun,
  model: LiveModel,
  { items, ...asked }: Asked,
): Promise<Examined> {
  const [group] = questionGroups(run.worked.locked, { items, furtherItems: 0 });
  return withBatchWriters(run.options.examination.rows, async (writers) =>
    askInArms(run.examination, await writerOf(run.ctx, model, writers), group!, asked),
  );
}

/** Shares of right answers. */
export function answered({ arms: { arms, items } }: Examined): Answers {
  const share = (arm: ArmName): number | null => {
    const own = arms[arm];
    if (own === undefined || own.length === 0) return null;
    return own.filter(({ right }) => right).length / own.length;
  };
  return { items: items.length, with: share('with'), without: share('without') };
}

/** e^loss. */
export function perplexity(loss: number): number {
  return Math.exp(loss);
}
