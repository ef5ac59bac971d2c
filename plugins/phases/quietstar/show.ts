import type { Examined } from './examine.js';
import type { QuietstarRun } from './prepare.js';

/** Questions that are shown with what was thought about them. */
const SHOWN = 2;

/** Tell the sinks the first questions that were examined, each with its thought, tags and all, and the answer after it. */
export function showThoughts({ ctx, tokenizer, grown }: QuietstarRun, { records, arms }: Examined): void {
  const tagged = (ids: readonly number[]): string => tokenizer.tokenizer.decode(ids, { specials: true });
  for (const [i, { question }] of records.slice(0, SHOWN).entries()) {
    const { ids } = arms.thoughts[i]!;
    const thought = tagged([grown.ids['<think>']!, ...ids, grown.ids['</think>']!]);
    ctx.event('sample', { model: 'thinker', prompt: question, text: thought + arms.arms.with![i]!.answer });
  }
}
