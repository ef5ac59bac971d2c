import { BAKING } from '../../../core/contracts/baking.js';
import type { BakingRowSet } from '../shared/baking/rows.js';
import { directExamples } from './examples.js';
import { earlierSets, type QuietstarRun } from './prepare.js';

/** Rows that step 2 reads, and those that it is measured on. */
export interface QuietRows {
  readonly train: BakingRowSet;
  readonly heldOut: BakingRowSet;
}

/** Rows that the loss is measured on while thoughts are learnt. */
const HELD_OUT_ROWS = 8;

/** What is read: questions with their answers, and what the model was trained on before. */
export function quietRows({ ctx, options, worked, data, tokenizer }: QuietstarRun): QuietRows {
  const { training, steps, replay } = options.quiet;
  const { length } = training;
  const method = ctx.resolve(BAKING, 'traces');
  const earlier = earlierSets(data, options);
  const rowsOf = (records: typeof worked.train, tokens: number, share: number): BakingRowSet => {
    const room = { tokens, length, replay: share };
    const examples = directExamples(records, earlier, tokenizer.tokenizer, room);
    const { rows } = method.rows(examples, tokenizer.tokenizer, { length, promptLength: 0 });
    return { rows, extras: {} };
  };
  const known = worked.free.filter(({ part }) => part === 'known');
  return {
    train: rowsOf(worked.train, steps * training.accumulation * training.rows * length, replay),
    heldOut: rowsOf(known, HELD_OUT_ROWS * length, 0),
  };
}
