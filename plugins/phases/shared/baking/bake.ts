import { createHash } from 'node:crypto';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { elementCount } from '../../../../nn/models/index.js';
import { trainRun } from '../training/run.js';
import { openTrainer, scheduleOf } from '../training/trainer.js';
import { bakingLoss, openMeasurement, type Measurement } from './measure.js';
import { bakingSubject, onceBaked } from './result.js';
import { BakingSource } from './rows.js';
import { strengthOf } from './strength.js';
import type { Baked, BakingContext, BakingEntry, BakingRequest, BakingStart } from './types.js';
import { prepareBaking, type BakingWork } from './work.js';

/** A bake that is done, its measurement still at hand. */
export interface FullBake {
  readonly weights: TensorDict;
  readonly entry: BakingEntry;
  readonly measurement: Measurement;
  /** Seconds since the bake began. */
  readonly seconds: () => number;
}

/**
 * One training run of a baking method, from where its newest checkpoint is. The best averaged weights by held-out loss are
 * merged and measured; a bake that was finished before is not done again.
 *
 * @throws ForgeError AF_BAKING_DATA, AF_BAKING_ALIGNMENT, AF_CONFIG_INVALID, AF_DATA_CHANGED, AF_TRAINING_DIVERGED
 */
export function bake(ctx: BakingContext, start: BakingStart, request: BakingRequest): Promise<Baked> {
  return onceBaked(ctx, request.area, bakingSubject(start, request, 'full'), () =>
    withFullBake(ctx, start, request, ({ weights, entry }) => Promise.resolve({ weights, entries: [entry] })),
  );
}

/** Bake fully, go on with what `use` does with it, and let go of the engine's memory. */
export async function withFullBake<T>(
  ctx: BakingContext,
  start: BakingStart,
  request: BakingRequest,
  use: (full: FullBake) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const work = await prepareBaking(ctx, start, request);
  const measurement = await openMeasurement(ctx, work);
  try {
    const before = await measurement.lossOf(start.model.weights);
    const { weights, steps } = await trained(ctx, work);
    const after = await measurement.lossOf(weights);
    const entry = {
      ...entryOf(work, measurement),
      before,
      after,
      steps,
      strength: strengthOf(before, after, after),
    };
    return await use({ weights, entry: { ...entry, seconds: seconds() }, measurement, seconds });
  } finally {
    await measurement.dispose();
  }
}

/** The merged weights after training. */
async function trained(
  ctx: BakingContext,
  work: BakingWork,
): Promise<{ readonly weights: TensorDict; readonly steps: number }> {
  const { start, request, method, tensors, heldOut, parts } = work;
  const { training, steps: lastStep, seed, name, prefix, area, fraction } = request;
  const { model } = start;
  const transform = composed(tensors.transform?.bind(tensors), request.transform);
  const trainer = await openTrainer(ctx, {
    engine: await ctx.engine(),
    shape: { ...model, tensors: [...model.tensors, ...tensors.added] },
    weights: { ...model.weights, ...tensors.initial(seed) },
    ...(tensors.trainable === undefined ? {} : { trainable: tensors.trainable }),
    ...(transform === undefined ? {} : { transform }),
    ...(method.teacher === null ? {} : { reference: model.weights }),
    ...parts,
    ...{ optimizer: request.optimizer, rowRate: request.rowRate, training, seed },
  });
  try {
    const { progress } = await trainRun(ctx, {
      ...{ trainer, name, prefix, area, lastStep, heldOut, options: training },
      source: new BakingSource(work.train, seed),
      schedule: scheduleOf(training, lastStep),
      measure: bakingLoss(work),
      dataHash: bakingSubject(start, request, 'training'),
      earlyStop: training.earlyStop,
      ...(fraction === undefined ? {} : { fraction }),
    });
    return { weights: tensors.merge(await trainer.weights('ema')), steps: progress.step };
  } finally {
    await trainer.dispose();
  }
}

type Transform = NonNullable<BakingRequest['transform']>;

/** The method's first: what the caller makes of weights, it makes of the adapted ones. */
function composed(own: Transform | undefined, callers: Transform | undefined): Transform | undefined {
  if (own === undefined || callers === undefined) return own ?? callers;
  return (params) => callers(own(params));
}

/** What is known of a bake before it is trained. */
function entryOf(
  { request, method, tensors, start, counts }: BakingWork,
  { targets }: Measurement,
): Omit<BakingEntry, 'before' | 'after' | 'steps' | 'strength' | 'seconds'> {
  const { name, seed, train, heldOut } = request;
  const trainable = new Set(tensors.trainable);
  const all = [...start.model.tensors, ...tensors.added];
  const own = tensors.trainable === undefined ? all : all.filter((tensor) => trainable.has(tensor.name));
  const prompts = new Set([...train, ...heldOut].flatMap(({ prompt }) => (prompt === null ? [] : [prompt])));
  return {
    ...{ name, seed, targets, examples: counts, share: 1, round: null, kept: true },
    method: request.method.use,
    options: request.method.options,
    measured: method.metric ?? 'cross-entropy',
    parameters: own.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    prompts: [...prompts].map((prompt) => createHash('sha256').update(prompt).digest('hex')),
  };
}
