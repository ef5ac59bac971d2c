import type { ArtifactRef } from '../../../core/contracts/model.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { ForgeError } from '../../../core/errors/index.js';
import { curriculum } from '../../../nn/data/index.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { nextToken } from '../../../nn/objectives/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import { fromGroup, type Trainer } from '../../../nn/training/index.js';
import { heldOutBatches } from '../shared/data/corpus.js';
import { mixture, sampler } from '../shared/data/mixture.js';
import type { ModelShape } from '../shared/model/shape.js';
import type { ObjectiveOptions } from '../shared/objective-options.js';
import { counted } from '../shared/progress.js';
import {
  runEnd,
  trainRun,
  type RunEnd,
  type TrainingOutcome,
  type TrainingRun,
} from '../shared/training/run.js';
import { recursionStepsOf, type ShapeSchedule } from '../shared/training/stages.js';
import { openTrainer, scheduleOf } from '../shared/training/trainer.js';
import type { FinishedBranch } from './branch.js';
import type { CognateOptions, Specialization } from './options.js';
import { shapeFor, shapesFor, type CognateRun } from './prepare.js';
import { trunkSteps } from './shares.js';

/** The common ancestor and what was measured before anything was trained. */
export interface Trunk {
  /** Averaged weights. */
  readonly weights: ArtifactRef;
  /** Held-out loss of the untrained model, nats. */
  readonly heldOutAtStart: number;
  /** Full training state at the branching point. */
  readonly end: RunEnd;
}

/** A specialist and its place among them. */
export interface Place {
  readonly branch: Specialization;
  readonly index: number;
}

/** A branch whose training is over, its trainer still at hand. */
export interface GrownBranch extends Place {
  readonly trunk: Trunk;
  readonly shape: ModelShape;
  readonly trainer: Trainer;
  readonly outcome: TrainingOutcome;
  readonly seed: number;
}

/** Train the trunk, unless that is done. @throws ForgeError AF_CHECKPOINT_STATE */
export async function growTrunk(run: CognateRun): Promise<Trunk> {
  const { ctx, options, origin, progress } = run;
  const shape = shapeFor(ctx, options, origin, null);
  if (progress.trunk === null) {
    const weights = origin === null ? initializeWeights(shape.tensors, ctx.seed) : await origin.readWeights();
    const trainer = await trainerFor(run, { shape, weights, branch: null, seed: ctx.seed });
    try {
      await progress.started(progress.heldOutAtStart ?? (await heldOutLoss(run, trainer)));
      await trainRun(ctx, trunkRun(run, trainer));
      const stored = await ctx.store.putTensors('base.safetensors', await trainer.weights('ema'), {
        metadata: { format: 'pt', architecture: shape.config.architecture, content: 'common trunk' },
      });
      await progress.trunkDone(stored);
    } finally {
      await trainer.dispose();
    }
  }
  const end = await runEnd(ctx, { area: trunkArea(run), dataHash: run.corpus.hash });
  if (end === null || progress.trunk === null || progress.heldOutAtStart === null) {
    throw new ForgeError('AF_CHECKPOINT_STATE', 'The checkpoint of the finished trunk is gone.', {
      at: `session ${ctx.sessionId}, cognate/trunk`,
      fix: `start again: agentforge rollback ${ctx.sessionId}, or a new session`,
    });
  }
  return { weights: progress.trunk, heldOutAtStart: progress.heldOutAtStart, end };
}

/** Train a branch from the trunk's end and finish it while its trainer is there. */
export async function growBranch(
  run: CognateRun,
  trunk: Trunk,
  { branch, index }: Place,
  finish: (grown: GrownBranch) => Promise<FinishedBranch>,
): Promise<FinishedBranch> {
  const { ctx, options, origin, progress } = run;
  const shape = shapeFor(ctx, options, origin, branch);
  const seed = branchSeed(ctx.seed, branch);
  const weights = fromGroup('param', trunk.end.tensors);
  const trainer = await trainerFor(run, { shape, weights, branch, seed });
  try {
    const outcome = await trainRun(ctx, branchRun(run, trainer, { branch, index }, seed), trunk.end);
    const finished = await finish({ branch, index, trunk, shape, trainer, outcome, seed });
    await progress.branchDone(finished);
    return finished;
  } finally {
    await trainer.dispose();
  }
}

/** Seed of a branch's data order and dropout: its own seed under the run's. */
export function branchSeed(runSeed: number, branch: Pick<Specialization, 'name' | 'seed'>): number {
  return wordAt(streamKey(runSeed, 'cognate', branch.name, branch.seed), 0);
}

function trunkArea({ ctx }: CognateRun): TrainingRun['area'] {
  return ctx.checkpoints.child('trunk');
}

function trunkRun(run: CognateRun, trainer: Trainer): TrainingRun {
  const { ctx, options, corpus, shares } = run;
  const weights = mixture(corpus, options.data.trunkMix, options.data.cap);
  const lastStep = trunkSteps(options);
  const shapes = shapesOf(run, trainer);
  return {
    ...commonRun(run, trainer),
    shapes,
    name: 'trunk',
    prefix: 'trunk',
    area: trunkArea(run),
    lastStep,
    earlyStop: null,
    source: draws(run, ctx.seed, () => weights),
    fraction: (step) => shares.at('trunk', workDone(shapes, 0, lastStep)(step)),
  };
}

/** A branch goes on with the trunk's schedule and moves smoothly from the trunk's mix of data to its own. */
function branchRun(run: CognateRun, trainer: Trainer, { branch, index }: Place, seed: number): TrainingRun {
  const { ctx, options, corpus, shares } = run;
  const { maxSteps, data } = options;
  const first = trunkSteps(options);
  const weightsAt = curriculum({
    stages: [
      { from: 0, weights: mixture(corpus, data.trunkMix, data.cap) },
      { from: first / maxSteps, weights: mixture(corpus, branch.mix, data.cap) },
    ],
    totalSteps: maxSteps,
  });
  const shapes = shapesOf(run, trainer);
  const done = workDone(shapes, first, maxSteps);
  return {
    ...commonRun(run, trainer),
    shapes,
    name: branch.name,
    prefix: `model_${index + 1}`,
    area: ctx.checkpoints.child(branch.name),
    lastStep: maxSteps,
    earlyStop: options.training.earlyStop,
    source: draws(run, seed, (step) => weightsAt(first + step)),
    fraction: (step) => shares.at(`${branch.name}: training`, done(step)),
  };
}

function commonRun(
  { options, corpus }: CognateRun,
  trainer: Trainer,
): Pick<TrainingRun, 'trainer' | 'options' | 'schedule' | 'heldOut' | 'dataHash'> {
  return {
    trainer,
    options: options.training,
    schedule: scheduleOf(options.training, options.maxSteps),
    heldOut: heldOutBatches(corpus),
    dataHash: corpus.hash,
  };
}

/** Trunk and branches go on in one schedule of shapes. */
function shapesOf({ options }: CognateRun, { options: { model, seed } }: Trainer): ShapeSchedule {
  return shapesFor(options, recursionStepsOf(model.architecture, model.config), seed);
}

/** Share of the work of the updates after `first`, up to `last`, by update. */
function workDone({ workUpTo }: ShapeSchedule, first: number, last: number): (step: number) => number {
  const before = workUpTo(first);
  return (step) => (workUpTo(step) - before) / (workUpTo(last) - before);
}

/** Training batches of a mixture. */
export function draws(
  { corpus, options }: Pick<CognateRun, 'corpus' | 'options'>,
  seed: number,
  weightsAt: Parameters<typeof sampler>[1]['weightsAt'],
): ReturnType<typeof sampler> {
  return sampler(corpus, { seed, accumulation: options.training.accumulation, weightsAt });
}

interface TrainerFor {
  readonly shape: ModelShape;
  readonly weights: TensorDict;
  /** Null for the trunk. */
  readonly branch: Specialization | null;
  readonly seed: number;
}

function trainerFor(
  { ctx, engine, options }: CognateRun,
  { branch, ...parts }: TrainerFor,
): Promise<Trainer> {
  const { optimizer, training } = options;
  const objective = nextToken(objectiveOptions(options, branch));
  return openTrainer(ctx, { engine, objective, optimizer, training, ...parts });
}

/** A specialist has its own halting threshold and cost per step. */
function objectiveOptions({ objective }: CognateOptions, branch: Specialization | null): ObjectiveOptions {
  if (branch === null) return objective;
  const { haltingThreshold: threshold, ponderCost } = branch;
  return { ...objective, halting: { ...objective.halting, threshold, ponderCost } };
}

/** Held-out loss of the untrained model. */
async function heldOutLoss({ ctx, corpus, shares }: CognateRun, trainer: Trainer): Promise<number> {
  const batches = heldOutBatches(corpus);
  const work = { task: 'untrained: held-out loss', total: batches.length, unit: 'batch' };
  const told = counted(ctx, { ...work, fraction: (done) => shares.at('untrained', done) });
  return (await trainer.evaluate('ema', batches, told)).crossEntropy;
}
