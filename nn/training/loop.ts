import { ForgeError } from '../../core/errors/index.js';
import type { StepShape } from './model.js';
import { LEAST_LOSS_SCALE } from './loss-scale.js';
import type { HostBatch, StepResult, Trainer } from './trainer.js';

/** A resumable source of micro-batches. */
export interface BatchSource {
  /** Rows of that many tokens; a source may have to compute them first. */
  nextBatch(shape: StepShape): HostBatch | Promise<HostBatch>;
  /** JSON-serialisable cursor. */
  state(): unknown;
}

/** Where a training loop stands between two updates; JSON-serialisable, saved with every checkpoint. */
export interface LoopProgress {
  /** Updates done. */
  readonly step: number;
  /** Falls by half whenever an update had to be skipped, overflows of a scaled loss not counted. */
  readonly learningRateFactor: number;
  readonly skippedInARow: number;
  readonly skippedTotal: number;
  readonly best: { readonly step: number; readonly loss: number } | null;
  /** Evaluations in a row without an improvement of at least `minDelta`. */
  readonly staleEvaluations: number;
  readonly stoppedEarly: boolean;
}

export const LOOP_START: LoopProgress = {
  step: 0,
  learningRateFactor: 1,
  skippedInARow: 0,
  skippedTotal: 0,
  best: null,
  staleEvaluations: 0,
  stoppedEarly: false,
};

export interface LoopOptions {
  readonly trainer: Trainer;
  readonly source: BatchSource;
  /** The loop ends when this many updates are done. */
  readonly steps: number;
  readonly accumulation: number;
  /** Shape of update `step` (1-based): a run may grow. */
  readonly shapeAt: (step: number) => StepShape;
  /** Schedule factor of update `step` (1-based), in [0, 1]. */
  readonly schedule: (step: number) => number;
  /** Decay of the weight average; warmed up as min(decay, (1 + step) / (10 + step)). */
  readonly emaDecay: number;
  readonly evaluateEvery: number;
  /** Held-out loss now, nats. */
  readonly evaluate: (progress: LoopProgress) => Promise<number>;
  /** Called when held-out loss is the best so far. */
  readonly onBest?: (progress: LoopProgress) => Promise<void>;
  /**
   * Looks at training after an update and its evaluation, before anything is saved: it may change the weights and say where
   * training stands then (without its best weights, at its end).
   */
  readonly review?: (progress: LoopProgress) => Promise<LoopProgress>;
  readonly earlyStop: { readonly patience: number; readonly minDelta: number } | null;
  readonly checkpointEvery: number;
  readonly save: (progress: LoopProgress) => Promise<void>;
  readonly onStep: (result: StepResult, progress: LoopProgress, learningRateScale: number) => void;
  readonly onSkip?: (progress: LoopProgress, result: StepResult) => void;
  /** Called between updates; may throw to leave the loop after saving. */
  readonly pausePoint: (progress: LoopProgress) => Promise<void>;
}

/** Updates that may be skipped in a row before training counts as diverged. */
const MAX_SKIPPED_IN_A_ROW = 5;

/**
 * Train until `steps` updates are done or early stopping ends it. Saves, evaluates and pauses between updates, so
 * that leaving at any point and going on from the last save gives the same bits as an unbroken run.
 * @throws ForgeError AF_TRAINING_DIVERGED after {@link MAX_SKIPPED_IN_A_ROW} non-finite gradients in a row
 */
export async function trainLoop(options: LoopOptions, start: LoopProgress): Promise<LoopProgress> {
  let progress = start;
  while (progress.step < options.steps && !progress.stoppedEarly) {
    progress = await update(options, progress);
    if (isDue(progress.step, options.evaluateEvery, options.steps))
      progress = await evaluate(options, progress);
    progress = (await options.review?.(progress)) ?? progress;
    const done = progress.step === options.steps || progress.stoppedEarly;
    if (done || progress.step % options.checkpointEvery === 0) await options.save(progress);
    await options.pausePoint(progress);
  }
  return progress;
}

async function update(options: LoopOptions, before: LoopProgress): Promise<LoopProgress> {
  const step = before.step + 1;
  const learningRateScale = options.schedule(step) * before.learningRateFactor;
  const emaDecay = Math.min(options.emaDecay, (1 + step) / (10 + step));
  const shape = options.shapeAt(step);
  const batches: HostBatch[] = [];
  for (let i = 0; i < options.accumulation; i++) batches.push(await options.source.nextBatch(shape));
  const result = await options.trainer.step(
    batches,
    { step, skipped: before.skippedTotal, learningRateScale, emaDecay },
    shape,
  );
  const progress = afterUpdate(before, step, result);
  options.onStep(result, progress, learningRateScale);
  if (result.skipped) options.onSkip?.(progress, result);
  return progress;
}

function afterUpdate(before: LoopProgress, step: number, result: StepResult): LoopProgress {
  if (!result.skipped) return { ...before, step, skippedInARow: 0 };
  // The scale has been halved, which is all that an overflow asks for.
  if (overflowed(result)) return { ...before, step, skippedTotal: before.skippedTotal + 1 };
  return afterSkip(before, step);
}

/** Whether an update was skipped because its loss was scaled too far up, and not for a gradient that is not finite itself. */
export function overflowed({ skipped, lossScale }: Pick<StepResult, 'skipped' | 'lossScale'>): boolean {
  return skipped && lossScale !== undefined && lossScale > LEAST_LOSS_SCALE;
}

/** NaN recovery: the update was skipped, so the parameters are still good; go on more carefully. */
function afterSkip(before: LoopProgress, step: number): LoopProgress {
  const skippedInARow = before.skippedInARow + 1;
  if (skippedInARow >= MAX_SKIPPED_IN_A_ROW) {
    throw new ForgeError(
      'AF_TRAINING_DIVERGED',
      `the gradient was not finite ${skippedInARow} times in a row`,
      {
        at: `training step ${step}`,
        fix: 'lower the learning rate or raise warmupSteps, then run again with --resume; the last checkpoint is intact',
      },
    );
  }
  return {
    ...before,
    step,
    skippedInARow,
    skippedTotal: before.skippedTotal + 1,
    learningRateFactor: before.learningRateFactor / 2,
  };
}

async function evaluate(options: LoopOptions, before: LoopProgress): Promise<LoopProgress> {
  const loss = await options.evaluate(before);
  const improved = isBetter(loss, before.best, 0);
  const enough = isBetter(loss, before.best, options.earlyStop?.minDelta ?? 0);
  const staleEvaluations = enough ? 0 : before.staleEvaluations + 1;
  const progress: LoopProgress = {
    ...before,
    best: improved ? { step: before.step, loss } : before.best,
    staleEvaluations,
    stoppedEarly: options.earlyStop !== null && staleEvaluations >= options.earlyStop.patience,
  };
  if (improved) await options.onBest?.(progress);
  return progress;
}

/** Any loss is better than none, and any number than a loss that was none (which a checkpoint keeps as null). */
function isBetter(loss: number, best: LoopProgress['best'], minDelta: number): boolean {
  if (best === null) return true;
  return Number.isFinite(best.loss) ? loss < best.loss - minDelta : Number.isFinite(loss);
}

function isDue(step: number, every: number, last: number): boolean {
  return step % every === 0 || step === last;
}
