import type { Objective } from '../../../core/contracts/objective.js';
import type { TensorDict, TensorSpecs } from '../../../core/contracts/tensor.js';
import { initializeWeights, weightsHash } from '../../../nn/models/index.js';
import { nextToken } from '../../../nn/objectives/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import {
  NO_THOUGHT_EXTRAS,
  quietStar,
  requireThoughtsFit,
  thoughtExtras,
  withoutThoughts,
} from '../../../nn/thoughts/index.js';
import {
  fromGroup,
  type EvaluationResult,
  type HostBatch,
  type Trainer,
} from '../../../nn/training/index.js';
import { BakingSource, bakingBatches } from '../shared/baking/rows.js';
import type { LiveModel } from '../shared/model/open.js';
import { goOn, runEnd, trainRun, type RunEnd, type TrainingRun } from '../shared/training/run.js';
import { openTrainer, scheduleOf } from '../shared/training/trainer.js';
import type { BakedModels } from './bake.js';
import type { CalibratedModel } from '../shared/training/recalibrate.js';
import { calibrated } from './halting.js';
import { updatesOf } from './ledger.js';
import { mixingOf } from './mixing.js';
import { markerRate, markersOf, unsayable } from './markers.js';
import type { QuietstarOptions } from './options.js';
import type { QuietstarRun } from './prepare.js';
import { quietRows, type QuietRows } from './quiet-rows.js';
import { quietStages, type QuietStage } from './quiet-stages.js';
import { testThoughts } from './theater-test.js';
import { TheaterWatch, type TheaterRecord } from './theater-watch.js';
import { Thinker } from './thinker.js';
import { ThinkingSource, type StepWeights } from './thinking-source.js';

/** A model that was trained to think, with the head that weighs what it says after thoughts. */
export interface QuietThinker extends TrainedThinker {
  readonly model: CalibratedModel;
}

/** The same with the halting rule of step 1. */
interface TrainedThinker {
  readonly model: LiveModel;
  readonly mixing: TensorDict;
  readonly updates: number;
  /** Thoughts that were written: drawn for the updates, and for the tests between them. */
  readonly thoughts: number;
  /** What the tests while it was trained have found. */
  readonly theater: TheaterRecord;
}

/** What all stages of step 2 share. */
interface StepTwo {
  readonly run: QuietstarRun;
  /** Where it starts, and the anchor it is held to. */
  readonly baked: LiveModel;
  /** Of step 1. */
  readonly updatesBefore: number;
  /** Of a mixing head that has learnt nothing. */
  readonly mixing: TensorDict;
  readonly rows: QuietRows;
  readonly seed: number;
  readonly fraction: (step: number) => number;
}

/** A stage, and where the one before it ended. */
interface StageStart {
  readonly stage: QuietStage;
  readonly area: TrainingRun['area'];
  readonly before: RunEnd | null;
}

/**
 * Step 2: thoughts are written where the model is unsure, and those that make what follows likelier are reinforced
 * (Zelikman et al. 2024). What follows a question is its answer, so the questions are taken without their worked
 * thoughts. Each stage has a trainer of its own and goes on where the one before it ended.
 *
 * @param baked the model of step 1, and how it was made
 */
export async function learnToThink(
  run: QuietstarRun,
  { thinker: baked, entries }: Pick<BakedModels, 'thinker' | 'entries'>,
  fraction: (done: number) => number,
): Promise<QuietThinker> {
  const { ctx, options } = run;
  const seed = wordAt(streamKey(ctx.seed, 'quietstar', 'quiet'), 0);
  const mixing = initializeWeights(mixingOf(baked, options), seed);
  const two: StepTwo = {
    ...{ run, baked, mixing, seed, rows: quietRows(run), updatesBefore: updatesOf(entries.thoughts) },
    fraction: (step) => fraction(step / options.quiet.steps),
  };
  const trained = await trainStages(two);
  return { ...trained, model: await calibrated(run, trained.model) };
}

async function trainStages(two: StepTwo): Promise<TrainedThinker> {
  const { baked } = two;
  const { ctx, options } = two.run;
  const dataHash = weightsHash(baked.weights);
  const stages = quietStages(options);
  let before: RunEnd | null = null;
  for (const [i, stage] of stages.entries()) {
    const area = ctx.checkpoints.child(i === 0 ? 'quiet' : `quiet-${i + 1}`);
    const last = i === stages.length - 1;
    let end = await runEnd(ctx, { area, dataHash });
    // A stage that was stopped says so again.
    if (last || end === null || end.step < stage.to || end.state.progress.stoppedEarly) {
      const trained = await trainStage(two, { stage, area, before });
      if (last || trained.theater.stopped) return trained;
      end = await runEnd(ctx, { area, dataHash });
    }
    before = end;
  }
  throw new Error('step 2 has no updates');
}

async function trainStage(two: StepTwo, start: StageStart): Promise<TrainedThinker> {
  const { run, baked, seed, rows } = two;
  const { ctx, options } = run;
  const { training, steps } = options.quiet;
  const { stage, area, before } = start;
  const mixing = before === null ? two.mixing : headOf(before, two.mixing);
  const trainer = await openStageTrainer(two, stage, mixing);
  try {
    const thinker =
      stage.shape === null ? null : await Thinker.open(run, trainer, { shape: stage.shape, seed });
    try {
      const watch = watchOf(two, trainer, stage.shape !== null);
      const source = new ThinkingSource({
        ...{ text: new BakingSource(rows.train, seed), thinker },
        weightsAt: (update) => weightsAt(options.quiet, update, watch),
        accumulation: training.accumulation,
      });
      const heldOut: HostBatch[] = [];
      for (const batch of bakingBatches(rows.heldOut, training.rows))
        heldOut.push(await source.withThoughts(batch, { drawn: false, counter: 0 }));
      const work: TrainingRun = {
        ...{
          trainer,
          source,
          area,
          heldOut,
          review: watch,
          name: 'thinking',
          prefix: 'rl',
          options: training,
        },
        ...{ lastStep: stage.to, earlyStop: null, schedule: scheduleOf(training, steps) },
        dataHash: weightsHash(baked.weights),
        onStep: ({ metrics }) => source.observe(metrics['rl/reward_std'] ?? NaN),
        fraction: two.fraction,
        measure: heldOutLoss,
      };
      if (before !== null) goOn(work, before);
      const { progress } = await trainRun(ctx, work, before === null ? null : known(trainer, before));
      const weights = { ...mixing, ...(await trainer.weights('ema')) };
      const { record: theater } = watch;
      return {
        ...{ ...split(weights, baked), updates: progress.step, theater },
        thoughts: source.thoughts + theater.thoughts,
      };
    } finally {
      await thinker?.dispose();
    }
  } finally {
    await trainer.dispose();
  }
}

/** What the best weights are chosen by: what is said after thoughts, where there are any. */
function heldOutLoss({ metrics, crossEntropy }: EvaluationResult): number {
  return metrics['rl/talk_loss'] ?? crossEntropy;
}

/** The averaged mixing head of a stage that is over; one that did not think has none, and that from before stands in. */
function headOf({ tensors }: RunEnd, initial: TensorDict): TensorDict {
  const averages = fromGroup('ema', tensors);
  return Object.fromEntries(Object.entries(initial).map(([name, first]) => [name, averages[name] ?? first]));
}

/** What of an end a trainer has: one that does not think has no mixing head. */
function known({ state }: Trainer, end: RunEnd): RunEnd {
  const own = Object.entries(end.tensors).filter(([name]) => name in state.specs);
  return { ...end, tensors: Object.fromEntries(own) };
}

function openStageTrainer(two: StepTwo, { shape }: QuietStage, mixing: TensorDict): Promise<Trainer> {
  const { run, baked, seed } = two;
  const { training, optimizer, markerLr } = run.options.quiet;
  const { architecture, config, tensors } = baked;
  if (shape !== null) requireThoughtsFit(shape, architecture.contextLength(config.hyperparameters));
  return openTrainer(run.ctx, {
    ...{ engine: run.engine, optimizer, training, seed, reference: baked.weights },
    rowRate: markerRate(run, markerLr),
    ...(shape === null
      ? { shape: baked, weights: baked.weights }
      : {
          shape: { ...baked, tensors: [...tensors, ...mixingOf(baked, run.options)] },
          weights: { ...baked.weights, ...mixing },
        }),
    ...lossOf(run, shape),
  });
}

function lossOf(
  run: QuietstarRun,
  shape: QuietStage['shape'],
): { readonly objective: Objective; readonly extras: TensorSpecs } {
  const { baseWeight, talkWeight, training } = run.options.quiet;
  const base = nextToken(run.options.baking.objective);
  if (shape === null) return { objective: withoutThoughts({ base, baseWeight }), extras: NO_THOUGHT_EXTRAS };
  return {
    objective: quietStar({
      ...{ shape, base, baseWeight, talkWeight, ending: true },
      ...{ markers: markersOf(run), excluded: unsayable(run) },
      ...{ reinforceTemperature: 3, clampAdvantages: true },
    }),
    extras: thoughtExtras(shape, training.rows),
  };
}

/** @param thinks whether there are thoughts to be tested */
function watchOf(
  { run, baked, mixing, updatesBefore }: StepTwo,
  trainer: Trainer,
  thinks: boolean,
): TheaterWatch {
  const { theater, klWeight, rewardThreshold } = run.options.quiet;
  return new TheaterWatch({
    ...{ ctx: run.ctx, trainer, klWeight, rewardThreshold },
    every: thinks ? (theater.every ?? 0) : 0,
    test: (averages) => testThoughts(run, split(averages, baked).model, theater),
    start: { ...baked.weights, ...mixing },
    axis: (step) => updatesBefore + step,
  });
}

function weightsAt(
  { policyWeight, entropyWeight: { start, decay, end } }: QuietstarOptions['quiet'],
  step: number,
  { klWeight, rewardThreshold }: Pick<TheaterWatch, 'klWeight' | 'rewardThreshold'>,
): StepWeights {
  const entropyWeight = Math.max(end, start * decay ** (step - 1));
  return { policyWeight, klWeight, rewardThreshold, entropyWeight };
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
