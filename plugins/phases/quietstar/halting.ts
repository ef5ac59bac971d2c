import { BAKING } from '../../../core/contracts/baking.js';
import type { HaltingFacts } from '../../../core/contracts/data-facts.js';
import { haltingRule } from '../../../nn/halting/index.js';
import { nextToken } from '../../../nn/objectives/index.js';
import type { HostBatch } from '../../../nn/training/index.js';
import { bakingBatches } from '../shared/baking/rows.js';
import { heldOutBatches } from '../shared/data/corpus.js';
import type { LiveModel } from '../shared/model/open.js';
import { Calibration, haltingFacts } from '../shared/training/calibration.js';
import { openTrainer } from '../shared/training/trainer.js';
import { thinkingExamples } from './examples.js';
import type { QuietstarRun } from './prepare.js';

/** A model with the halting rule that was measured on it. */
export interface CalibratedModel extends LiveModel {
  /** Null for one that takes every recursion step. */
  readonly halting: HaltingFacts | null;
}

/**
 * The champion's halting rule for a model that came of it. The rule weighs what each step says of itself by how often it was
 * right, and training has moved both: they are measured again on held-out text and on held-out questions with their worked
 * thoughts. The threshold stays, and a champion without a rule gets none.
 */
export async function calibrated(run: QuietstarRun, model: LiveModel): Promise<CalibratedModel> {
  const { halting: before } = run.champion;
  if (before === null) return { ...model, halting: null };
  const { training, optimizer, objective } = run.options.baking;
  const trainer = await openTrainer(run.ctx, {
    ...{ engine: run.engine, shape: model, weights: model.weights, optimizer, training, seed: run.ctx.seed },
    objective: nextToken(objective),
    // Nothing is trained: the state holds the weights alone.
    trainable: [],
  });
  try {
    const measured = new Calibration();
    const { text, questions } = heldOutRows(run);
    measured.observe((await trainer.evaluate('param', [...text, ...questions])).metrics);
    const halting = haltingFacts(measured.state(), before.threshold);
    const halt = haltingRule(halting);
    const { halt: _, ...rest } = model;
    return { ...rest, halting, ...(halt === undefined ? {} : { halt }) };
  } finally {
    await trainer.dispose();
  }
}

/** Ordinary text, and about as many rows of questions, where there are so many. */
export function heldOutRows({
  ctx,
  ordinary,
  worked,
  options,
  tokenizer,
}: Pick<QuietstarRun, 'ctx' | 'ordinary' | 'worked' | 'options' | 'tokenizer'>): {
  readonly text: readonly HostBatch[];
  readonly questions: readonly HostBatch[];
} {
  const text = heldOutBatches(ordinary);
  const { rows, length } = options.baking.training;
  const known = worked.free.filter(({ part }) => part === 'known');
  const room = { tokens: text.length * rows * length, length };
  // Packing puts long ones first: what is taken is taken before it.
  const examples = thinkingExamples(known, tokenizer.tokenizer, room);
  const shape = { length, promptLength: 0 };
  const packed = ctx.resolve(BAKING, 'traces').rows(examples, tokenizer.tokenizer, shape).rows;
  return { text, questions: bakingBatches({ rows: packed, extras: {} }, rows) };
}
