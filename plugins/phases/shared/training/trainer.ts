import type { Engine } from '../../../../core/contracts/engine.js';
import type { Objective } from '../../../../core/contracts/objective.js';
import { OPTIMIZER, type Optimizer } from '../../../../core/contracts/optimizer.js';
import type { PlanContext } from '../../../../core/contracts/phase.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { ForgeError } from '../../../../core/errors/index.js';
import { rateOf, warmupCosine, warmupLinear, withRowRate, type RowRate } from '../../../../nn/optim/index.js';
import { createTrainer, specsOf, type Trainer, type TrainingModel } from '../../../../nn/training/index.js';
import { tablesOf } from '../model/grow.js';
import type { LiveModel } from '../model/open.js';
import type { ModelShape } from '../model/shape.js';
import type { OptimizerOptions, TrainingOptions } from '../options.js';
import { requireStages } from './stage-problems.js';

/** Ids with a learning rate of their own. */
export type OwnRate = Pick<RowRate, 'rows' | 'learningRate'>;

/** What is trained: a shape with its first weights, a loss, and what else a phase hands the trainer. */
export interface TrainerParts extends Pick<TrainingModel, 'trainable' | 'transform' | 'extras'> {
  readonly engine: Engine;
  /** With the tensors that `transform` adds. */
  readonly shape: ModelShape;
  readonly weights: TensorDict;
  /** Frozen weights that the objective sees (teacher, anchor). */
  readonly reference?: TensorDict;
  readonly objective: Objective;
  readonly optimizer: OptimizerOptions;
  /** Ids whose rows, of embedding and output head, learn at a rate of their own; none where it is not given. */
  readonly rowRate?: OwnRate | undefined;
  readonly training: TrainingOptions;
  /** Of dropout. */
  readonly seed: number;
}

/**
 * Put a model on the engine, ready to train. Dispose of the trainer afterwards.
 * @throws ForgeError AF_PLUGIN_UNKNOWN; AF_CONFIG_INVALID when the model cannot be trained in the stages of the options
 */
export async function openTrainer(
  ctx: Pick<PlanContext, 'resolve'>,
  {
    engine,
    shape,
    weights,
    reference = {},
    objective,
    optimizer,
    rowRate,
    training,
    seed,
    ...more
  }: TrainerParts,
): Promise<Trainer> {
  requireStages(training, shape);
  const { rows, length, accumulation, clipNorm, amp } = training;
  const model: TrainingModel = {
    architecture: shape.architecture,
    config: shape.config.hyperparameters,
    tensors: shape.tensors,
    optimizer: optimizerOf(ctx.resolve(OPTIMIZER, optimizer.use, optimizer.options), shape, {
      rowRate,
      ...more,
    }),
    objective,
    reference: specsOf(reference),
    ...more,
  };
  const options = { engine, model, shape: { rows, length }, accumulation, clipNorm, amp, seed };
  return createTrainer(options, weights, reference);
}

function optimizerOf(
  optimizer: Optimizer,
  shape: ModelShape,
  { rowRate, trainable }: Pick<TrainerParts, 'rowRate' | 'trainable'>,
): Optimizer {
  if (rowRate === undefined) return optimizer;
  const tables = trainedTables(optimizer, shape, trainable);
  if (tables.length > 0) return withRowRate(optimizer, { ...rowRate, tables });
  throw new ForgeError('AF_CONFIG_INVALID', `${STILL_ROWS.message}.`, {
    at: 'markerLr',
    fix: STILL_ROWS.fix,
    facts: { tables: tablesOf(shape).map(({ name }) => name) },
  });
}

/** What is said where there is no table of {@link trainedTables}. */
export const STILL_ROWS = {
  message: 'rows of the vocabulary have a learning rate and are not trained',
  fix: 'train embedding and output head (not adapters alone, nor at a rate of 0), or leave markerLr out',
} as const;

/**
 * Tables whose rows can have a learning rate of their own: those that are trained; none where one of them has a rate of 0.
 * @param trainable names of what is trained; absent: everything
 */
export function trainedTables(
  optimizer: Optimizer,
  shape: ModelShape,
  trainable: TrainerParts['trainable'],
): readonly string[] {
  const tables = tablesOf(shape).filter(({ name }) => trainable?.includes(name) ?? true);
  return tables.some((tensor) => rateOf(optimizer, tensor) === 0) ? [] : tables.map(({ name }) => name);
}

/** Factor of the learning rate by update: a warm-up, then down to the floor as training options have it. */
export function scheduleOf(
  { warmupSteps, floor, schedule, cooldown }: ScheduleOptions,
  totalSteps: number,
): (step: number) => number {
  const settings = { warmupSteps, totalSteps, finalScale: floor };
  if (schedule === 'cosine') return (step) => warmupCosine(step, settings);
  const cooldownSteps = schedule === 'linear' ? totalSteps : Math.round(cooldown * totalSteps);
  return (step) => warmupLinear(step, { ...settings, cooldownSteps });
}

type ScheduleOptions = Pick<TrainingOptions, 'warmupSteps' | 'floor' | 'schedule' | 'cooldown'>;

/** The trained model with its averaged weights. */
export async function trainedModel(
  trainer: Trainer,
  shape: ModelShape,
  halt?: LiveModel['halt'],
): Promise<LiveModel> {
  return { ...shape, weights: await trainer.weights('ema'), ...(halt === undefined ? {} : { halt }) };
}
