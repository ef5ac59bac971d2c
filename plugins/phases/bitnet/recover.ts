import type { TensorDict } from '../../../core/contracts/tensor.js';
import { distilled, nextToken } from '../../../nn/objectives/index.js';
import { compressorsOf, quantizedModel } from '../../../nn/quantization/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import { gradientNorms, type Trainer } from '../../../nn/training/index.js';
import { runEnd, trainRun, type TrainingRun } from '../shared/training/run.js';
import { recursionStepsOf, shapeSchedule } from '../shared/training/stages.js';
import { openTrainer, scheduleOf } from '../shared/training/trainer.js';
import type { BakingSource } from '../shared/baking/rows.js';
import { codesTold } from './codes-told.js';
import { FlipWatch } from '../shared/quantized/flips.js';
import { latentModel, ternaryMatrices, type LatentModel } from '../shared/quantized/latent.js';
import type { BitnetRun } from './prepare.js';
import { recoverySource } from './rows.js';

/** What recovery made. */
export interface Recovered {
  readonly model: LatentModel;
  /** Moments of the optimizer and all else that training goes on from (`param/`, `ema/`, `opt/`). */
  readonly trainingState: TensorDict;
  /** Updates. */
  readonly steps: number;
  /** Whether every quantised latent has a gradient that is finite and not zero, on a batch of the training data. */
  readonly gradientFlow: GradientFlow;
}

/** Quantised matrices by what reaches them. JSON. */
export interface GradientFlow {
  readonly matrices: number;
  /** Those whose gradient is zero or not finite. */
  readonly cut: readonly string[];
}

/** One stretch of recovery. */
interface Stretch {
  readonly name: string;
  /** Updates at which it ends. */
  readonly until: number;
  /** Learning rate in rates of the options. */
  readonly rate: number;
  /** What of the optimizer is otherwise. */
  readonly optimizer: Readonly<Record<string, unknown>>;
}

/**
 * Train latents under straight-through estimation so that what they round to says again what the float model said: two
 * stages, the second at a lower rate and without weight decay (Ma et al. 2024), with the frozen model as teacher.
 *
 * @param fraction of the phase that is done, by the share of this training
 */
export async function recover(
  run: BitnetRun,
  start: LatentModel,
  { name, steps, fraction }: { name: string; steps: number; fraction: (done: number) => number },
): Promise<Recovered> {
  const { rows } = run;
  const seed = wordAt(streamKey(run.ctx.seed, 'bitnet', name), 0);
  const source = recoverySource(rows, seed);
  let end = null;
  let watched: FlipWatch | null = null;
  for (const stretch of stretchesOf(run.options.recovery, name, steps)) {
    const trainer = await openStretch(run, start, stretch, seed);
    try {
      const { watchEvery } = run.options.recovery;
      const watch: FlipWatch = new FlipWatch(
        codesTold(run.ctx),
        ternaryMatrices(run.ctx, run.teacher, start.quantization),
        trainer,
        watchEvery,
      );
      if (watched !== null) watch.restore(null, watched.tensors());
      watched = watch;
      const training = stretchRun(run, trainer, stretch, {
        ...{ source, hash: rows.hash, watch, steps },
        fraction: (step) => fraction(step / steps),
      });
      await trainRun(run.ctx, training, end);
      end = await runEnd(run.ctx, training);
      if (stretch.until === steps) {
        const weights = await trainer.weights('ema');
        const model = latentModel(run.ctx, run.teacher, start.quantization, weights);
        const gradientFlow = await flowOf(trainer, source, start);
        return { model, trainingState: await trainer.snapshot(), steps, gradientFlow };
      }
    } finally {
      await trainer.dispose();
    }
  }
  // No updates: what was quantised is all there is, and whether it could be trained is known all the same.
  const trainer = await openStretch(run, start, stretchOf(run.options.recovery, name), seed);
  try {
    const gradientFlow = await flowOf(trainer, source, start);
    return { model: start, trainingState: {}, steps: 0, gradientFlow };
  } finally {
    await trainer.dispose();
  }
}

async function flowOf(
  trainer: Trainer,
  source: BakingSource,
  { quantization, tensors }: LatentModel,
): Promise<GradientFlow> {
  const { rows } = trainer.options.shape;
  const norms = await gradientNorms(trainer, source.nextBatch(rows));
  const matrices = tensors.filter(({ name }) => quantization.formats[name] !== undefined);
  const cut = matrices.filter(({ name }) => !(Number.isFinite(norms[name]) && norms[name]! > 0));
  return { matrices: matrices.length, cut: cut.map(({ name }) => name) };
}

/** A stretch of the options' own rate, of no updates. */
function stretchOf(
  { optimizer }: Pick<BitnetRun['options']['recovery'], 'optimizer'>,
  name: string,
): Stretch {
  return { name, until: 0, rate: 1, optimizer: optimizer.options };
}

/** Two stages, or one. */
function stretchesOf(
  { secondStage, optimizer }: BitnetRun['options']['recovery'],
  name: string,
  steps: number,
): Stretch[] {
  if (steps === 0) return [];
  const first = { ...stretchOf({ optimizer }, name), until: steps };
  const from = secondStage === null ? 0 : Math.round(secondStage.from * steps);
  if (secondStage === null || from === 0 || from >= steps) return [first];
  return [
    { ...first, until: from },
    {
      ...{ name: `${name}-2`, until: steps, rate: secondStage.rate },
      optimizer: { ...optimizer.options, ...secondStage.options },
    },
  ];
}

function openStretch(
  { ctx, options, teacher, tokenizer, engine, measuring: { training } }: BitnetRun,
  { quantization, tensors, weights }: LatentModel,
  stretch: Stretch,
  seed: number,
): Promise<Trainer> {
  const { optimizer, objective, distillation } = options.recovery;
  const { pad, eos } = tokenizer.tokenizer.special;
  const bound = quantizedModel(teacher.tensors, quantization, compressorsOf(ctx, quantization));
  return openTrainer(ctx, {
    // The architecture is the teacher's, whose pass is plain: what is quantised is the transform of what is trained.
    ...{ engine, shape: { ...teacher, tensors }, weights, training, seed },
    transform: (params) => bound.bind(params),
    reference: distillation.weight === 0 ? {} : teacher.weights,
    objective: distilled(nextToken(objective), { ...distillation, pad: pad ?? eos ?? 0 }),
    optimizer: { ...optimizer, options: stretch.optimizer },
  });
}

function stretchRun(
  run: BitnetRun,
  trainer: Trainer,
  stretch: Stretch,
  {
    source,
    hash,
    watch,
    steps,
    fraction,
  }: Pick<TrainingRun, 'source'> & {
    readonly hash: string;
    readonly watch: FlipWatch;
    readonly steps: number;
    readonly fraction: (step: number) => number;
  },
): TrainingRun {
  const { ctx, text, teacher } = run;
  const { training } = run.measuring;
  const schedule = scheduleOf(training, steps);
  const recursionSteps = recursionStepsOf(teacher.architecture, teacher.config.hyperparameters);
  return {
    ...{ trainer, source, fraction, review: watch, dataHash: hash },
    ...{ name: stretch.name, prefix: 'recovery', lastStep: stretch.until },
    area: ctx.checkpoints.child(stretch.name),
    options: training,
    // Of the whole recovery, not of each stretch.
    shapes: shapeSchedule(training, { totalSteps: steps, recursionSteps, seed: trainer.options.seed }),
    schedule: (step) => stretch.rate * schedule(step),
    heldOut: text.selection.batches,
    earlyStop: null,
  };
}
