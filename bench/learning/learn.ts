import type { PhaseContext } from '../../core/contracts/phase.js';
import { nextToken } from '../../nn/objectives/index.js';
import { initializeWeights } from '../../nn/models/index.js';
import { LOOP_START, trainLoop, type Trainer } from '../../nn/training/index.js';
import type { CognateOptions } from '../../plugins/phases/cognate/options.js';
import {
  heldOutBatches,
  openTrainer,
  plannedShape,
  sampler,
  scheduleOf,
  type ModelShape,
} from '../../plugins/phases/shared/index.js';
import { shapeSchedule } from '../../plugins/phases/shared/training/stages.js';
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

/** Train one model for `options.maxSteps` updates. Dispose of its trainer afterwards. */
export async function learn(
  ctx: PhaseContext,
  options: CognateOptions,
  lesson: Lesson,
  onPoint: (point: Point) => void,
): Promise<Learnt> {
  const { training, optimizer, maxSteps } = options;
  const { corpus, tokenizer } = lesson;
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
  const source = sampler(corpus, {
    seed: ctx.seed,
    accumulation: training.accumulation,
    weightsAt: () => lesson.weights,
  });
  const clock = new Clock();
  const curve: Point[] = [];
  const heldOut = heldOutBatches(corpus);
  const recursionSteps = shape.architecture.facts?.(shape.config.hyperparameters)['recursion_steps'] ?? 1;
  const shapes = shapeSchedule(training, { totalSteps: maxSteps, recursionSteps, seed: ctx.seed });
  await trainLoop(
    {
      trainer,
      source: { nextBatch: ({ rows, length }) => source.nextBatch(rows, length), state: () => null },
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
