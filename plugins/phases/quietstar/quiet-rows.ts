import { BAKING } from '../../../core/contracts/baking.js';
import { ForgeError } from '../../../core/errors/index.js';
import type { BakingRowSet } from '../shared/baking/rows.js';
import { directExamples } from '../shared/thoughts/examples.js';
import { AT, earlierSets, type QuietstarRun } from './prepare.js';

/** Rows that step 2 reads, and those that it is measured on. */
export interface QuietRows {
  readonly train: BakingRowSet;
  readonly heldOut: BakingRowSet;
}

/** Rows that the loss is measured on while thoughts are learnt. */
const HELD_OUT_ROWS = 8;

/**
 * What is read: questions with their answers, and what the model was trained on before.
 * @throws ForgeError AF_BAKING_DATA when nothing fits a row
 */
export function quietRows({ ctx, options, worked, data, tokenizer }: QuietstarRun): QuietRows {
  const { training, steps, replay } = options.quiet;
  const { length } = training;
  const method = ctx.resolve(BAKING, 'traces');
  const earlier = earlierSets(data, options);
  const rowsOf = (records: typeof worked.train, tokens: number, share: number): BakingRowSet => {
    const room = { tokens, length, replay: share };
    const examples = directExamples(records, earlier, tokenizer.tokenizer, room);
    const { rows, skipped } = method.rows(examples, tokenizer.tokenizer, { length, promptLength: 0 });
    if (rows.length === 0) throw nothingToRead(examples.length, length);
    if (skipped.length > 0)
      ctx.log.warn(
        `step 2: ${skipped.length} questions or texts are longer than its rows and were left out.`,
      );
    return { rows, extras: {} };
  };
  const known = worked.free.filter(({ part }) => part === 'known');
  return {
    train: rowsOf(worked.train, steps * training.accumulation * training.rows * length, replay),
    heldOut: rowsOf(known, HELD_OUT_ROWS * length, 0),
  };
}

function nothingToRead(examples: number, length: number): ForgeError {
  return new ForgeError('AF_BAKING_DATA', 'Step 2 has nothing to read, or nothing to be measured on.', {
    at: examples === 0 ? `${AT}.quiet.replay` : `${AT}.quiet.training.length`,
    fix:
      examples === 0
        ? 'Lower quiet.replay, or name datasets in data.datasets that hold questions out.'
        : `None of ${examples} questions and texts fits rows of ${length} tokens: raise quiet.training.length.`,
  });
}
