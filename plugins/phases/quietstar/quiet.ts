import { BAKING } from '../../../core/contracts/baking.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { initializeWeights, weightsHash } from '../../../nn/models/index.js';
import { nextToken } from '../../../nn/objectives/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import {
  entropySource,
  featureWidth,
  mixingTensors,
  quietStar,
  requireThoughtsFit,
  thoughtExtras,
  ThoughtSampler,
  type ThoughtShape,
} from '../../../nn/thoughts/index.js';
import { specsOf, type Trainer } from '../../../nn/training/index.js';
import { BakingSource, type BakingRowSet } from '../shared/baking/rows.js';
import type { LiveModel } from '../shared/model/open.js';
import { trainRun } from '../shared/training/run.js';
import { openTrainer, scheduleOf } from '../shared/training/trainer.js';
import { directExamples } from './examples.js';
import { calibrated, type CalibratedModel } from './halting.js';
import type { QuietstarOptions } from './options.js';
import { earlierSets, type QuietstarRun } from './prepare.js';
import { ThinkingSource, type StepWeights } from './thinking-source.js';
import { shapeOf } from './thought-shape.js';

/** A model that was trained to think, with the head that weighs what it says after thoughts. */
export interface QuietThinker {
  readonly model: CalibratedModel;
  readonly mixing: TensorDict;
  readonly updates: number;
  /** Thoughts that were drawn for them. */
  readonly thoughts: number;
}

/** Rows that the loss is measured on while thoughts are learnt. */
const HELD_OUT_ROWS = 8;
/** As much of each is learnt as there is of the other. */
const REPLAY = 0.5;

/**
 * Step 2: thoughts are written where the model is unsure, and those that make what follows likelier are reinforced
 * (Zelikman et al. 2024). What follows a question is its answer, so the questions are taken without their worked
 * thoughts.
 *
 * @param baked the model of step 1: where it starts, and the anchor it is held to
 */
export async function learnToThink(
  run: QuietstarRun,
  baked: LiveModel,
  fraction: (done: number) => number,
): Promise<QuietThinker> {
  const { ctx, options } = run;
  const { training, steps } = options.quiet;
  const shape = shapeOf(options);
  const seed = wordAt(streamKey(ctx.seed, 'quietstar', 'quiet'), 0);
  const trainer = await openQuietTrainer(run, baked, shape, seed);
  const text = rowsOf(run);
  try {
    const source = await openSource(run, trainer, { shape, seed, text: text.train });
    try {
      const rows = new BakingSource(text.heldOut, seed).nextBatch(training.rows);
      const heldOut = [await source.withThoughts(rows, { drawn: false, counter: 0 })];
      const { progress } = await trainRun(ctx, {
        ...{
          trainer,
          name: 'thinking',
          prefix: 'rl',
          area: ctx.checkpoints.child('quiet'),
          options: training,
        },
        ...{ source, lastStep: steps, heldOut, earlyStop: null, schedule: scheduleOf(training, steps) },
        dataHash: weightsHash(baked.weights),
        onStep: ({ metrics }) => source.observe(metrics['rl/reward_std'] ?? 0),
        fraction: (step) => fraction(step / steps),
      });
      const { model, mixing } = split(await trainer.weights('ema'), baked);
      return {
        ...{ model: await calibrated(run, model), mixing },
        ...{ updates: progress.step, thoughts: source.thoughts },
      };
    } finally {
      await source.dispose();
    }
  } finally {
    await trainer.dispose();
  }
}

/** Ids that no thought says: START, END and what the tokenizer has for other purposes. */
export function unsayable({ tokenizer, grown }: Pick<QuietstarRun, 'tokenizer' | 'grown'>): number[] {
  const special = Object.values(tokenizer.tokenizer.special).filter((id) => id !== null);
  return [...new Set([grown.ids['<think>']!, grown.ids['</think>']!, ...special])].sort((a, b) => a - b);
}

function openQuietTrainer(
  run: QuietstarRun,
  baked: LiveModel,
  shape: ThoughtShape,
  seed: number,
): Promise<Trainer> {
  const { ctx, options, grown, engine } = run;
  const { training, optimizer, baseWeight, talkWeight } = options.quiet;
  const { architecture, config, tensors } = baked;
  requireThoughtsFit(shape, architecture.contextLength(config.hyperparameters));
  const mixing = mixingTensors(featureWidth(architecture, config.hyperparameters), { bounded: true });
  return openTrainer(ctx, {
    ...{ engine, optimizer, training, seed },
    shape: { ...baked, tensors: [...tensors, ...mixing] },
    weights: { ...baked.weights, ...initializeWeights(mixing, seed) },
    objective: quietStar({
      ...{ shape, baseWeight, talkWeight, excluded: unsayable(run), ending: true },
      markers: { start: grown.ids['<think>']!, end: grown.ids['</think>']! },
      ...{ reinforceTemperature: 3, clampAdvantages: true, base: nextToken(options.baking.objective) },
    }),
    reference: baked.weights,
    extras: thoughtExtras(shape, training.rows),
  });
}

/** What is read: questions with their answers, and what the model was trained on before. */
function rowsOf(run: QuietstarRun): { readonly train: BakingRowSet; readonly heldOut: BakingRowSet } {
  const { ctx, options, worked, data, tokenizer } = run;
  const { training, steps } = options.quiet;
  const method = ctx.resolve(BAKING, 'traces');
  const tokens = steps * training.accumulation * training.rows * training.length;
  const earlier = earlierSets(data, options);
  const side = (examples: ReturnType<typeof directExamples>): BakingRowSet => ({
    rows: method.rows(examples, tokenizer.tokenizer, { length: training.length, promptLength: 0 }).rows,
    extras: {},
  });
  const of = (records: typeof worked.train, count: number, replay: number) =>
    directExamples(records, earlier, tokenizer.tokenizer, { tokens: count, length: training.length, replay });
  return {
    train: side(of(worked.train, tokens, REPLAY)),
    heldOut: side(
      of(
        worked.free.filter(({ part }) => part === 'known'),
        HELD_OUT_ROWS * training.length,
        0,
      ),
    ),
  };
}

async function openSource(
  run: QuietstarRun,
  trainer: Trainer,
  { shape, seed, text }: { readonly shape: ThoughtShape; readonly seed: number; readonly text: BakingRowSet },
): Promise<ThinkingSource & { dispose(): Promise<void> }> {
  const { options, engine, grown } = run;
  const { architecture, config } = trainer.options.model;
  const { rows } = options.quiet.training;
  const weights = await trainer.weights('param');
  const { fn, spec } = entropySource({ architecture, config, specs: specsOf(weights) }, rows, shape.base);
  const entropy = await engine.compile(fn, spec);
  const sampler = await ThoughtSampler.create(
    {
      ...{ engine, architecture, config, shape, rows, excluded: unsayable(run), ending: true },
      markers: { start: grown.ids['<think>']!, end: grown.ids['</think>']! },
    },
    weights,
  );
  const source = new ThinkingSource({
    ...{ text: new BakingSource(text, seed), shape, sampler, entropy, seed, state: trainer.state },
    load: async () => sampler.load(await trainer.weights('param')),
    weightsAt: (step) => weightsAt(options.quiet, step),
    interval: options.thoughts.minInterval,
    exploration: options.thoughts.exploration,
  });
  return Object.assign(source, {
    dispose: async () => {
      await sampler.dispose();
      await entropy.dispose();
    },
  });
}

function weightsAt(
  { policyWeight, klWeight, entropyWeight: { start, decay, end } }: QuietstarOptions['quiet'],
  step: number,
): StepWeights {
  return { policyWeight, klWeight, entropyWeight: Math.max(end, start * decay ** (step - 1)) };
}

/** The model's own tensors, and those of the mixing head. */
function split(
  weights: TensorDict,
  baked: LiveModel,
): { readonly model: LiveModel; readonly mixing: TensorDict } {
  const own = new Set(baked.tensors.map(({ name }) => name));
  const part = (wanted: boolean): TensorDict =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => own.has(name) === wanted));
  return { model: { ...baked, weights: part(true) }, mixing: part(false) };
}
