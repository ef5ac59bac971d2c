import type { BakingExample } from '../../../core/contracts/baking.js';
import type { TaskSide } from '../../../core/contracts/tool.js';
import type { RetentionMatrix } from '../../../nn/curriculum/index.js';
import { nextToken } from '../../../nn/objectives/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import { bake } from '../shared/baking/bake.js';
import { sequence, type BakingStep } from '../shared/baking/sequence.js';
import type { BakingEntry, BakingRequest } from '../shared/baking/types.js';
import { measuredLists } from './levels.js';
import type { LevelList } from './lists.js';
import type { CurriculumRun } from './prepare.js';
import type { Forge } from './training.js';
import { promptOf, rulesOf, valueQuestions, type ValueRule } from './value-options.js';

/** What was baked, in order, and what the model knew right before. */
export interface Values {
  readonly entries: readonly BakingEntry[];
  readonly retention: RetentionMatrix;
}

/**
 * Bake rules into the model, one after the other (Bhargava et al. 2024): with a rule in front it is its own teacher. Done
 * last, so that nothing is trained over what was baked, and what it costs is the difference of two moments of the matrix. A
 * rule whose held-out divergence does not fall leaves the model as it was.
 *
 * @param fraction of the phase that is done, by the share of this
 */
export async function bakeValues(
  run: CurriculumRun,
  forge: Forge,
  lists: readonly LevelList[],
  {
    retention,
    fraction,
  }: { readonly retention: RetentionMatrix; readonly fraction: (done: number) => number },
): Promise<Values> {
  const rules = rulesOf(run.options.values);
  if (rules.length === 0) return { entries: [], retention };
  const before = await run.clock.time('retention', async () => {
    const model = await forge.applied();
    const measured = await measuredLists(run, model, lists, { moment: 'consolidation', retention });
    await run.writers.release(model);
    return measured;
  });
  const { tokenizer } = run.language;
  const steps = rules.map((rule, i) => {
    const request = requestOf(run, rule, (done) => fraction((i + done) / rules.length));
    return keptIfBetter((start) => bake(run.ctx, start, request));
  });
  const { weights, entries } = await run.clock.time('values', async () =>
    sequence({ model: await forge.model(), tokenizer }, steps),
  );
  await forge.adopt(weights);
  return { entries, retention: before };
}

function keptIfBetter(step: BakingStep): BakingStep {
  return async (start) => {
    const { weights, entries } = await step(start);
    if (entries.every(({ before, after }) => after < before)) return { weights, entries };
    return { weights: start.model.weights, entries: entries.map((entry) => ({ ...entry, kept: false })) };
  };
}

function requestOf(
  { ctx, options, book }: CurriculumRun,
  rule: ValueRule,
  fraction: (done: number) => number,
): BakingRequest {
  const { questions, heldOut, use, options: method, training, steps, optimizer } = options.values;
  const examples = (side: TaskSide, count: number): BakingExample[] =>
    valueQuestions(book, side, count).map((input) => ({
      ...{ input, trace: '', output: '', strategy: rule.name, prompt: promptOf(rule) },
    }));
  return {
    ...{ name: rule.name, prefix: 'forge', method: { use, options: method } },
    ...{ train: examples('train', questions), heldOut: examples('held-out', heldOut) },
    ...{ training: { ...training, stages: [] }, steps, optimizer },
    objective: nextToken(options.forge.objective),
    seed: wordAt(streamKey(ctx.seed, 'curriculum', 'values', rule.name), 0),
    area: ctx.checkpoints.child(`value-${rule.name}`),
    fraction: (step) => fraction(step / steps),
  };
}
