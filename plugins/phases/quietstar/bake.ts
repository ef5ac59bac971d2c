import { nextToken } from '../../../nn/objectives/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import type { BakingExample } from '../../../core/contracts/baking.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { bake } from '../shared/baking/bake.js';
import type { BakingEntry, BakingRequest } from '../shared/baking/types.js';
import type { LiveModel } from '../shared/model/open.js';
import { direct, thinking, trainingExamples, type TrainingExamples } from './examples.js';
import { markerRate } from './markers.js';
import { earlierSets, type QuietstarRun } from './prepare.js';

/** Examples are packed into whole rows, which leaves some of each empty. */
const PACKING_MARGIN = 1.1;

/** Step 1: what came of it. */
export interface BakedModels {
  /** Writes thoughts. */
  readonly thinker: LiveModel;
  /** The same training on the same questions without thoughts; null where none was wanted. */
  readonly control: LiveModel | null;
  readonly entries: readonly BakingEntry[];
}

/** Step 1: the model learns to write thoughts, and another one to do without. */
export async function bakeThoughts(run: QuietstarRun, shareOf: ShareOf): Promise<BakedModels> {
  const { options, grown, worked, tokenizer, data } = run;
  const { training, steps, control, prompt } = options.baking;
  const tokens = steps * training.accumulation * training.rows * training.length * PACKING_MARGIN;
  const { length } = training;
  const shares = { tokens, length, prompt, direct: options.data.direct, replay: options.data.replay };
  const earlier = earlierSets(data, options);
  const examples = trainingExamples(worked, earlier, tokenizer.tokenizer, shares);
  const start = { model: grown.model, tokenizer: tokenizer.tokenizer };
  const baked = await bake(run.ctx, start, request(run, 'thoughts', examples, shareOf));
  const other = control ? await bake(run.ctx, start, request(run, 'control', examples, shareOf)) : null;
  const live = (weights: TensorDict): LiveModel => ({ ...grown.model, weights });
  return {
    thinker: live(baked.weights),
    control: other === null ? null : live(other.weights),
    entries: [...baked.entries, ...(other?.entries ?? [])],
  };
}

/** Share of the phase that is done, by the share of a part. */
export type ShareOf = (part: 'thoughts' | 'control', done: number) => number;

/** What the two trainings differ by: their examples. */
function request(
  run: QuietstarRun,
  name: 'thoughts' | 'control',
  examples: TrainingExamples,
  shareOf: ShareOf,
): BakingRequest {
  const { ctx, options, worked } = run;
  const { use, options: own, steps, training, optimizer, markerLr, objective } = options.baking;
  const learnt: Record<typeof name, readonly BakingExample[]> = {
    thoughts: examples.thinking,
    control: examples.control,
  };
  const free = worked.free.filter(({ part }) => part === 'known').slice(0, HELD_OUT);
  return {
    name,
    prefix: name === 'thoughts' ? 'baking' : 'control',
    // The control has nothing but answers to learn: supervised, whatever the thoughts are baked with.
    method: name === 'thoughts' || use === 'traces' ? { use, options: own } : { use: 'traces', options: {} },
    train: learnt[name],
    heldOut: free.map((record) =>
      name === 'thoughts' ? thinking(record, options.baking.prompt) : direct(record),
    ),
    ...{ training, steps, optimizer },
    // The control never meets the marks.
    rowRate: name === 'thoughts' ? markerRate(run, markerLr) : undefined,
    objective: nextToken(objective),
    seed: wordAt(streamKey(ctx.seed, 'quietstar', name), 0),
    area: ctx.checkpoints.child(name),
    fraction: (step) => shareOf(name, step / steps),
  };
}

/** Held-out examples that training is measured on. */
const HELD_OUT = 256;
