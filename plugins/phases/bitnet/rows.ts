import { createHash } from 'node:crypto';
import { BAKING, type BakingExample, type BakingRow } from '../../../core/contracts/baking.js';
import { ForgeError } from '../../../core/errors/index.js';
import type { HostBatch } from '../../../nn/training/index.js';
import { bakingBatches, BakingSource, type BakingRowSet } from '../shared/baking/rows.js';
import { thinkingExamples, trainingExamples } from '../shared/thoughts/examples.js';
import { AT } from './paths.js';
import type { BitnetRun } from './prepare.js';

/** Examples are packed into whole rows, which leaves some of each empty. */
const PACKING_MARGIN = 1.1;
/** Held-out questions with their thoughts that losses are measured on. */
const MEASURED = 256;

/** What recovery trains on. */
export interface RecoveryRows {
  readonly set: BakingRowSet;
  /** Identifies them and the model that came in: checkpoints made on others are refused. */
  readonly hash: string;
}

/**
 * Questions with their thoughts, questions answered at once, and what the model was trained on, in the asked shares.
 * @throws ForgeError AF_DATA_TOO_SMALL when not one example fits a row
 */
export function recoveryRows({
  ctx,
  options,
  worked,
  ordinary,
  tokenizer,
  teacher,
}: Pick<BitnetRun, 'ctx' | 'options' | 'worked' | 'ordinary' | 'tokenizer' | 'teacher'>): RecoveryRows {
  const { training, steps } = options.recovery;
  const { thoughts, direct } = options.data;
  const { length, rows, accumulation } = training;
  const tokens = Math.max(1, steps) * accumulation * rows * length * PACKING_MARGIN;
  const shares = { tokens, length, direct, replay: Math.max(0, 1 - thoughts - direct) };
  const { thinking: examples } = trainingExamples(worked, ordinary, tokenizer.tokenizer, shares);
  const found = packed({ ctx, tokenizer }, examples, length);
  requireRows(found, examples.length, length);
  const left = found.skipped.length;
  if (left > 0)
    ctx.log.warn(
      `${left} of ${examples.length} examples are longer than rows of ${length} tokens and are left out.`,
    );
  const set = { rows: found.rows, extras: {} };
  return { set, hash: hashOf(set, teacher.ref.weights.sha256) };
}

/** @throws ForgeError AF_DATA_TOO_SMALL */
function requireRows(
  { rows }: { readonly rows: readonly unknown[] },
  examples: number,
  length: number,
): void {
  if (rows.length > 0) return;
  throw new ForgeError('AF_DATA_TOO_SMALL', `None of ${examples} examples fits rows of ${length} tokens.`, {
    at: `${AT}.recovery.training.length`,
    fix: 'Raise recovery.training.length, or lower data.thoughts.',
  });
}

function hashOf({ rows }: BakingRowSet, model: string): string {
  const hash = createHash('sha256').update(model);
  for (const { ids, targets } of rows) hash.update(ids).update(targets);
  return hash.digest('hex');
}

/** A resumable stream of them. */
export function recoverySource({ set }: RecoveryRows, seed: number): BakingSource {
  return new BakingSource(set, seed);
}

/** Batches of {@link thoughtRows}. */
export function questionRows(run: BitnetRun, side: 'free' | 'locked'): readonly HostBatch[] {
  return bakingBatches({ rows: thoughtRows(run, side), extras: {} }, run.options.recovery.training.rows);
}

/**
 * Held-out questions of known kinds with their worked thoughts, whole.
 * @param side `free` to choose by, `locked` to report on
 */
export function thoughtRows(run: BitnetRun, side: 'free' | 'locked'): readonly BakingRow[] {
  const { worked, tokenizer, options } = run;
  const { length } = options.recovery.training;
  const known = worked[side].filter(({ part }) => part === 'known').slice(0, MEASURED);
  const examples = thinkingExamples(known, tokenizer.tokenizer, { tokens: Infinity, length });
  return packed(run, examples, length).rows;
}

function packed(
  { ctx, tokenizer }: Pick<BitnetRun, 'ctx' | 'tokenizer'>,
  examples: readonly BakingExample[],
  length: number,
) {
  const shape = { length, promptLength: 0 };
  return ctx.resolve(BAKING, 'traces').rows(examples, tokenizer.tokenizer, shape);
}
