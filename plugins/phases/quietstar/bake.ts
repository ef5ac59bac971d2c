import { nextToken } from '../../../nn/objectives/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import type { BakingExample } from '../../../core/contracts/baking.js';
import { bake } from '../shared/baking/bake.js';
import { halfBake } from '../shared/baking/half-bake.js';
import { pursue } from '../shared/baking/pursue.js';
import type {
  Baked,
  BakingContext,
  BakingEntry,
  BakingRequest,
  BakingStart,
} from '../shared/baking/types.js';
import { methodsOf } from './baking-methods.js';
import { direct, thinking, trainingExamples, type TrainingExamples } from '../shared/thoughts/examples.js';
import type { CalibratedModel } from '../shared/training/recalibrate.js';
import { calibrated } from './halting.js';
import { STRENGTH_TOLERANCE } from './ledger.js';
import { markerRate } from './markers.js';
import type { QuietstarOptions } from './options.js';
import { earlierSets, type QuietstarRun } from './prepare.js';

/** Examples are packed into whole rows, which leaves some of each empty. */
const PACKING_MARGIN = 1.1;

/** Step 1: what came of it. */
export interface BakedModels {
  /** Writes thoughts. */
  readonly thinker: CalibratedModel;
  /** The same training on the same questions without thoughts; null where none was wanted. */
  readonly control: CalibratedModel | null;
  /** Of both, as they were baked. */
  readonly entries: Readonly<Record<'thoughts' | 'control', readonly BakingEntry[]>>;
}

/** Step 1: the model learns to write thoughts, and another one to do without. */
export async function bakeThoughts(run: QuietstarRun, shareOf: ShareOf): Promise<BakedModels> {
  const { options, grown, worked, tokenizer, data } = run;
  const { training, steps, rounds, control, prompt } = options.baking;
  const tokens = rounds * steps * training.accumulation * training.rows * training.length * PACKING_MARGIN;
  const { length } = training;
  const shares = { tokens, length, prompt, direct: options.data.direct, replay: options.data.replay };
  const earlier = earlierSets(data, options);
  const examples = trainingExamples(worked, earlier, tokenizer.tokenizer, shares);
  const start = { model: grown.model, tokenizer: tokenizer.tokenizer };
  const baked = (name: 'thoughts' | 'control') =>
    run.clock.time(name, async () => {
      const asked = request(run, name, examples, shareOf);
      const { weights, entries } = await bakeAsAsked(run.ctx, start, asked, options.baking);
      return { model: await calibrated(run, { ...grown.model, weights }), entries };
    });
  const thoughts = await baked('thoughts');
  const other = control ? await baked('control') : null;
  return {
    thinker: thoughts.model,
    control: other?.model ?? null,
    entries: { thoughts: thoughts.entries, control: other?.entries ?? [] },
  };
}

/** Fully, in part or in rounds; the control as the thoughts, or the two could not be compared. */
function bakeAsAsked(
  ctx: BakingContext,
  start: BakingStart,
  request: BakingRequest,
  { strength, rounds }: Pick<QuietstarOptions['baking'], 'strength' | 'rounds'>,
): Promise<Baked> {
  if (rounds > 1) return pursue(ctx, start, request, { rounds });
  return strength === null
    ? bake(ctx, start, request)
    : halfBake(ctx, start, request, { strength, tolerance: STRENGTH_TOLERANCE });
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
  const { steps, training, optimizer, markerLr, objective } = options.baking;
  const learnt: Record<typeof name, readonly BakingExample[]> = {
    thoughts: examples.thinking,
    control: examples.control,
  };
  const free = worked.free.filter(({ part }) => part === 'known').slice(0, HELD_OUT);
  return {
    name,
    prefix: name === 'thoughts' ? 'baking' : 'control',
    method: methodsOf(options.baking)[name],
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
