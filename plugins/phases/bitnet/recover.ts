import type { TensorDict } from '../../../core/contracts/tensor.js';
import type { Quantization } from '../../../core/contracts/quantization.js';
import { distilled, nextToken } from '../../../nn/objectives/index.js';
import { compressorsOf, quantizedModel } from '../../../nn/quantization/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import { gradientNorms, type Trainer } from '../../../nn/training/index.js';
import { shapeOf } from '../shared/model/shape.js';
import type { LiveModel } from '../shared/model/open.js';
import { runEnd, trainRun, type TrainingRun } from '../shared/training/run.js';
import { openTrainer, scheduleOf } from '../shared/training/trainer.js';
import type { BakingSource } from '../shared/baking/rows.js';
import { FlipWatch, type TernaryMatrices } from './flips.js';
import type { BitnetRun } from './prepare.js';
import { recoveryRows, recoverySource } from './rows.js';

/** A model with quantised matrices whose weights are latents. */
export interface LatentModel extends LiveModel {
  readonly quantization: Quantization;
}

/** What recovery made. */
export interface Recovered {
  readonly model: LatentModel;
  /** Moments of the optimizer and all else that training goes on from (`param/`, `ema/`, `opt/`). */
  readonly trainingState: TensorDict;
  /** Share of the codes that flipped between two counts. */
  readonly flips: FlipWatch['counted'];
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

/** The model with its weights as latents of a quantization: what is in no format yet computes as before. */
export function latentModel(
  { ctx, teacher }: Pick<BitnetRun, 'ctx' | 'teacher'>,
  quantization: Quantization,
  weights: TensorDict,
): LatentModel {
  const { architecture, hyperparameters } = teacher.config;
  const shape = shapeOf(ctx, { architecture, hyperparameters, quantization }, 'the quantised model');
  const own = Object.fromEntries(shape.tensors.map(({ name }) => [name, weights[name]!]));
  return {
    ...shape,
    weights: own,
    quantization,
    ...(teacher.halt === undefined ? {} : { halt: teacher.halt }),
  };
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
  const rows = recoveryRows(run);
  const seed = wordAt(streamKey(run.ctx.seed, 'bitnet', name), 0);
  const source = recoverySource(rows, seed);
  const flips: FlipWatch['counted'][number][] = [];
  let end = null;
  let codes: TensorDict = {};
  for (const stretch of stretchesOf(run.options.recovery, name, steps)) {
    const trainer = await openStretch(run, start, stretch, seed);
    try {
      const watch = new FlipWatch(
        run.ctx,
        ternaryMatrices(run, start),
        trainer,
        run.options.recovery.watchEvery,
      );
      // Codes of the stretch before: what flipped between two stages is counted too.
      watch.restore(null, codes);
      const training = stretchRun(run, trainer, stretch, {
        ...{ source, hash: rows.hash, watch, steps },
        fraction: (step) => fraction(step / steps),
      });
      await trainRun(run.ctx, training, end);
      flips.push(...watch.counted);
      codes = watch.tensors();
      end = await runEnd(run.ctx, training);
      if (stretch.until === steps) {
        const weights = await trainer.weights('ema');
        const model = latentModel(run, start.quantization, weights);
        const gradientFlow = await flowOf(trainer, source, start);
        return { model, trainingState: await trainer.snapshot(), flips, steps, gradientFlow };
      }
    } finally {
      await trainer.dispose();
    }
  }
  throw new Error('recovery has no stretch that reaches its end');
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

/** Two stages, or one. */
function stretchesOf(
  { secondStage, optimizer }: BitnetRun['options']['recovery'],
  name: string,
  steps: number,
): Stretch[] {
  const first = { name, until: steps, rate: 1, optimizer: optimizer.options };
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

/** Matrices whose format has three values. */
export function ternaryMatrices(
  { ctx, teacher }: Pick<BitnetRun, 'ctx' | 'teacher'>,
  { quantization }: Pick<LatentModel, 'quantization'>,
): TernaryMatrices {
  const compressors = compressorsOf(ctx, quantization);
  return teacher.tensors.flatMap((tensor) =>
    quantization.formats[tensor.name]?.use === 'ternary'
      ? [{ tensor, compressor: compressors[tensor.name]! }]
      : [],
  );
}

function openStretch(
  { ctx, options, teacher, tokenizer, engine }: BitnetRun,
  { quantization, tensors, weights }: LatentModel,
  stretch: Stretch,
  seed: number,
): Promise<Trainer> {
  const { optimizer, objective, training, distillation } = options.recovery;
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
  const { ctx, options, text } = run;
  const schedule = scheduleOf(options.recovery.training, steps);
  return {
    ...{ trainer, source, fraction, review: watch, dataHash: hash },
    ...{ name: stretch.name, prefix: 'recovery', lastStep: stretch.until },
    area: ctx.checkpoints.child(stretch.name),
    options: options.recovery.training,
    schedule: (step) => stretch.rate * schedule(step),
    heldOut: text.selection.batches,
    earlyStop: null,
  };
}
