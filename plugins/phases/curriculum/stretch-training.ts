import type { BakingRow } from '../../../core/contracts/baking.js';
import type { TensorSpecs } from '../../../core/contracts/tensor.js';
import { packWholeDocuments } from '../../../nn/data/index.js';
import { keepBehaviourExtras, keptTokens, nextToken } from '../../../nn/objectives/index.js';
import { compressorsOf, quantizedModel } from '../../../nn/quantization/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import { zeros, type HostBatch } from '../../../nn/training/index.js';
import { BakingSource, batchExtras } from '../shared/baking/rows.js';
import { shapeOf } from '../shared/model/shape.js';
import type { OptimizerOptions } from '../shared/options.js';
import { recursionStepsOf, shapeSchedule, type ShapeSchedule } from '../shared/training/stages.js';
import { scheduleOf, type TrainerParts } from '../shared/training/trainer.js';
import type { CurriculumRun } from './prepare.js';
import type { Stretch } from './stretch.js';

/** Seed of all training of the phase. */
function seedOf({ ctx }: { readonly ctx: { readonly seed: number } }): number {
  return wordAt(streamKey(ctx.seed, 'curriculum', 'training'), 0);
}

/** The latents that came in, to be trained through their formats. */
export function stretchParts(
  { ctx, start, quantization, engine, options, measuring }: CurriculumRun,
  optimizer: OptimizerOptions,
): TrainerParts {
  const { architecture, hyperparameters } = start.config;
  // The plain architecture: what is quantised is the transform of what is trained.
  const plain = shapeOf(ctx, { architecture, hyperparameters }, 'the model without its formats');
  const bound = quantizedModel(plain.tensors, quantization, compressorsOf(ctx, quantization));
  return {
    ...{ engine, shape: { ...plain, tensors: start.tensors }, weights: start.weights },
    ...{ training: measuring.training, optimizer, seed: seedOf({ ctx }) },
    transform: (params) => bound.bind(params),
    objective: nextToken(options.forge.objective),
  };
}

/** What the objective reads of one row besides ids, targets and segments. */
export function rowExtras({ options, measuring }: Pick<CurriculumRun, 'options' | 'measuring'>): TensorSpecs {
  return options.data.keep === 0 ? {} : keepBehaviourExtras(measuring.training.length);
}

/** Rows of text as the trainer reads them: nothing of it is kept. */
export function readable(
  run: Pick<CurriculumRun, 'options' | 'measuring'>,
  batches: readonly HostBatch[],
): readonly HostBatch[] {
  const specs = rowExtras(run);
  if (Object.keys(specs).length === 0) return batches;
  const all = Object.entries(zeros(batchExtras(specs, run.measuring.training.rows)));
  const extras = Object.fromEntries(all.map(([name, { data }]) => [name, data]));
  return batches.map((batch) => ({ ...batch, extras }));
}

/** Rows that hold the documents whole; longer ones are left out. */
export function rowsOf(
  { language, measuring, options }: Pick<CurriculumRun, 'language' | 'measuring' | 'options'>,
  { documents }: Pick<Stretch, 'documents'>,
): readonly BakingRow[] {
  const { special } = language.tokenizer;
  const { length } = measuring.training;
  const packed = packWholeDocuments(documents, length, special.pad ?? special.eos ?? 0);
  if (options.data.keep === 0) return packed.rows;
  const extras = keptTokens(packed, (index) => documents[index]!.kept === true);
  return packed.rows.map((row, i) => ({ ...row, extras: extras[i]! }));
}

/** Rows of a stretch in the order that goes with its name. @param extras what the trainer reads of each row */
export function sourceOf(
  run: Pick<CurriculumRun, 'ctx'>,
  { name }: Pick<Stretch, 'name'>,
  rows: readonly BakingRow[],
  extras: TensorSpecs,
): BakingSource {
  return new BakingSource({ rows, extras }, wordAt(streamKey(seedOf(run), name), 0));
}

/** Factor of the learning rate at an update. @param from updates before the stretch */
export function rateSchedule(
  { measuring: { training } }: Pick<CurriculumRun, 'measuring'>,
  { rate: [first, last] }: Pick<Stretch, 'rate'>,
  from: number,
  steps: number,
): (step: number) => number {
  // The floor of a schedule is a share of its beginning.
  const floor = first === 0 ? 0 : last / first;
  const schedule = scheduleOf(
    { ...training, floor, warmupSteps: from === 0 ? training.warmupSteps : 0 },
    steps,
  );
  return (step) => first * schedule(step - from);
}

/** Shapes of the updates of a stretch. @param from updates before it */
export function stretchShapes(
  { ctx, start, measuring: { training } }: Pick<CurriculumRun, 'ctx' | 'start' | 'measuring'>,
  { shapes }: Pick<Stretch, 'shapes'>,
  from: number,
  steps: number,
): ShapeSchedule {
  const recursionSteps = recursionStepsOf(start.architecture, start.config.hyperparameters);
  const totalSteps = shapes === 'first' ? Number.MAX_SAFE_INTEGER : steps;
  const own = shapeSchedule(training, { totalSteps, recursionSteps, seed: seedOf({ ctx }) });
  const at = (step: number): number => (shapes === 'first' ? 1 : step - from);
  return {
    at: (step) => own.at(at(step)),
    tokensAt: (step) => own.tokensAt(at(step)),
    tokensUpTo: (step) => own.tokensUpTo(step),
    workUpTo: (step) => own.workUpTo(step),
  };
}
