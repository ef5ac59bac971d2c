import type { PhaseContext } from '../../core/contracts/phase.js';
import { nextToken } from '../../nn/objectives/index.js';
import { initializeWeights } from '../../nn/models/index.js';
import {
  LOOP_START,
  shapeKey,
  trainLoop,
  type BatchSource,
  type HostBatch,
  type StepShape,
  type Trainer,
} from '../../nn/training/index.js';
import type { CognateOptions } from '../../plugins/phases/cognate/options.js';
import {
  heldOutBatches,
  openTrainer,
  plannedShape,
  sampler,
  scheduleOf,
  type ModelShape,
} from '../../plugins/phases/shared/index.js';
import {
  recursionStepsOf,
  shapeSchedule,
  type ShapeSchedule,
} from '../../plugins/phases/shared/training/stages.js';
import type { Lesson } from './lesson.js';

/** A point of a learning curve. */
export interface Point {
  readonly update: number;
  readonly tokens: number;
  /** Of training alone, by the clock and by the processor. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Held-out loss of the averaged weights, nats per target. */
  readonly heldOut: number;
}

/** A model that has learnt, still on the engine. */
export interface Learnt {
  readonly curve: readonly Point[];
  readonly shape: ModelShape;
  readonly trainer: Trainer;
}

/** A model that can be trained, before its first update. */
interface Pupil {
  readonly shape: ModelShape;
  readonly trainer: Trainer;
  readonly source: BatchSource;
}

async function openPupil(ctx: PhaseContext, options: CognateOptions, lesson: Lesson): Promise<Pupil> {
  const { training, optimizer } = options;
  const { corpus, tokenizer, weights } = lesson;
  const vocabularySize = tokenizer.tokenizer.vocabularySize;
  const shape = plannedShape(ctx, { options: options.model, origin: null, vocabularySize, at: 'bench' });
  const trainer = await openTrainer(ctx, {
    engine: await ctx.engine(),
    shape,
    weights: initializeWeights(shape.tensors, ctx.seed),
    objective: nextToken(options.objective),
    optimizer,
    training,
    seed: ctx.seed,
  });
  const { accumulation } = training;
  const drawn = sampler(corpus, { seed: ctx.seed, accumulation, weightsAt: () => weights });
  const source = {
    nextBatch: ({ rows, length }: StepShape) => drawn.nextBatch(rows, length),
    state: () => null,
  };
  return { shape, trainer, source };
}

function shapesOf(
  { seed }: PhaseContext,
  { training }: CognateOptions,
  { architecture, config }: ModelShape,
  totalSteps: number,
): ShapeSchedule {
  const recursionSteps = recursionStepsOf(architecture, config.hyperparameters);
  return shapeSchedule(training, { totalSteps, recursionSteps, seed });
}

/** Updates that each shape is timed for, after one that compiles it. */
const PACE_UPDATES = 6;

/** How many updates take that many seconds, from the time that a few of each shape take on a model that is thrown away. */
export async function updatesWithin(
  ctx: PhaseContext,
  options: CognateOptions,
  lesson: Lesson,
  seconds: number,
): Promise<number> {
  const { shape, trainer, source } = await openPupil(ctx, options, lesson);
  const { accumulation } = options.training;
  const total = 1000;
  const { at } = shapesOf(ctx, options, shape, total);
  const known = new Map<string, number>();
  let sum = 0;
  for (let step = 1; step <= total; step++) {
    const key = shapeKey(at(step));
    if (!known.has(key)) known.set(key, await secondsOf(at(step)));
    sum += known.get(key)!;
  }
  await trainer.dispose();
  return Math.max(1, Math.round(seconds / (sum / total)));

  async function secondsOf(stepShape: StepShape): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i <= PACE_UPDATES; i++) {
      const batches: HostBatch[] = [];
      for (let k = 0; k < accumulation; k++) batches.push(await source.nextBatch(stepShape));
      const before = performance.now();
      await trainer.step(batches, { step: 1, learningRateScale: 0, emaDecay: 0.9 }, stepShape);
      times.push((performance.now() - before) / 1000);
    }
    return times.slice(1).sort((a, b) => a - b)[PACE_UPDATES >> 1]!;
  }
}

/** Train one model for `options.maxSteps` updates. Dispose of its trainer afterwards. */
export async function learn(
  ctx: PhaseContext,
  options: CognateOptions,
  lesson: Lesson,
  onPoint: (point: Point) => void,
): Promise<Learnt> {
  const { training, maxSteps } = options;
  const { shape, trainer, source } = await openPupil(ctx, options, lesson);
  const clock = new Clock();
  const curve: Point[] = [];
  const heldOut = heldOutBatches(lesson.corpus);
  const shapes = shapesOf(ctx, options, shape, maxSteps);
  await trainLoop(
    {
      trainer,
      source,
      shapeAt: shapes.at,
      steps: maxSteps,
      accumulation: training.accumulation,
      schedule: scheduleOf(training, maxSteps),
      emaDecay: training.emaDecay,
      evaluateEvery: training.evaluateEvery,
      evaluate: async ({ step }) => {
        const taken = clock.stop();
        const { crossEntropy } = await trainer.evaluate('ema', heldOut);
        const point = { update: step, tokens: shapes.tokensUpTo(step), ...taken, heldOut: crossEntropy };
        curve.push(point);
        onPoint(point);
        clock.start();
        return crossEntropy;
      },
      earlyStop: null,
      checkpointEvery: maxSteps,
      save: () => Promise.resolve(),
      onStep: () => undefined,
      pausePoint: () => Promise.resolve(),
    },
    LOOP_START,
  );
  return { curve, shape, trainer };
}

/** Counts the seconds between start and stop. */
class Clock {
  private wall = 0;
  private cpu = 0;
  private since = { wall: performance.now(), cpu: process.cpuUsage() };

  start(): void {
    this.since = { wall: performance.now(), cpu: process.cpuUsage() };
  }

  stop(): { readonly seconds: number; readonly cpuSeconds: number } {
    const { user, system } = process.cpuUsage(this.since.cpu);
    this.wall += (performance.now() - this.since.wall) / 1000;
    this.cpu += (user + system) / 1e6;
    return { seconds: this.wall, cpuSeconds: this.cpu };
  }
}
