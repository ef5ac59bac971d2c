import type { Checkpoint, CheckpointArea } from '../../../core/contracts/store.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import { ForgeError } from '../../../core/errors/index.js';
import {
  LOOP_START,
  trainLoop,
  type HostBatch,
  type LoopProgress,
  type StepResult,
  type Trainer,
} from '../../../nn/training/index.js';
import { Calibration, type CalibrationState } from './calibration.js';
import { StepMeter } from './meter.js';
import type { CognateOptions } from './options.js';
import type { PhaseShares } from './shares.js';

/** A resumable stream of training batches. */
export interface StageSource {
  nextBatch(rows: number): HostBatch;
  state(): unknown;
  restore(state: unknown): void;
}

/** One stretch of training: the trunk, or one branch. */
export interface Stage {
  /** `trunk` or the specialization's name. */
  readonly name: string;
  /** `model_{1..3}` for branches, null for the trunk. */
  readonly metricPrefix: string | null;
  readonly trainer: Trainer;
  readonly source: StageSource;
  readonly area: CheckpointArea;
  /** Updates done when the stage is over, counted from the start of the trunk. */
  readonly lastStep: number;
  readonly schedule: (step: number) => number;
  /** Held-out rows of all datasets. */
  readonly heldOut: readonly HostBatch[];
  /** Identifies the training data: a checkpoint made on other data is refused. */
  readonly corpusHash: string;
  readonly earlyStop: CognateOptions['training']['earlyStop'];
  readonly shares: PhaseShares;
}

export interface StageOutcome {
  readonly progress: LoopProgress;
  readonly calibration: CalibrationState;
  readonly meter: StepMeter;
}

interface StageState {
  readonly corpusHash: string;
  readonly progress: LoopProgress;
  readonly source: unknown;
  readonly calibration: CalibrationState;
}

/**
 * Train one stage, from its newest checkpoint if there is one, else from `start` (a snapshot of the stage before).
 * Leaves the best averaged weights in the trainer's `ema` group.
 */
export async function runStage(
  ctx: PhaseContext,
  options: CognateOptions,
  stage: Stage,
  start: Checkpoint | null,
): Promise<StageOutcome> {
  const checkpoint = await stage.area.latest();
  const from = checkpoint ?? start;
  const resumed = checkpoint === null ? null : readState(checkpoint, stage);
  if (from !== null) await stage.trainer.restore(from.tensors);
  if (resumed !== null) stage.source.restore(resumed.source);
  const calibration = new Calibration(resumed?.calibration ?? inherited(start));
  const begin = resumed?.progress ?? {
    ...LOOP_START,
    step: start?.step ?? 0,
    learningRateFactor: factorOf(start),
  };
  const meter = new StepMeter(ctx, stage, options, begin.step);
  const best = stage.area.child('best');

  const save = saver(ctx, options, stage, calibration);
  const progress = await trainLoop(
    {
      trainer: stage.trainer,
      source: {
        nextBatch: () => stage.source.nextBatch(options.training.rows),
        state: () => stage.source.state(),
      },
      steps: stage.lastStep,
      accumulation: options.training.accumulation,
      schedule: stage.schedule,
      emaDecay: options.training.emaDecay,
      evaluateEvery: options.training.evaluateEvery,
      evaluate: async (at) =>
        meter.heldOut(at.step, (await stage.trainer.evaluate('ema', stage.heldOut)).crossEntropy),
      onBest: async (at) =>
        best.save({ step: at.step, tensors: await stage.trainer.weights('ema'), state: {} }, { keep: 1 }),
      earlyStop: stage.earlyStop,
      checkpointEvery: options.training.checkpointEvery,
      save,
      onStep: (result: StepResult, at, scale) => {
        calibration.observe(result.metrics);
        meter.step(result, at, scale);
      },
      onSkip: (at) =>
        ctx.event('alert', {
          task: stage.name,
          step: at.step,
          message: `the gradient was not finite at step ${at.step}: update skipped, learning rate halved`,
        }),
      pausePoint: (at) => ctx.pausePoint(() => save(at)),
    },
    begin,
  );
  await useBest(stage, progress, best);
  return { progress, calibration: calibration.state(), meter };
}

/** Saves everything that the stage goes on from. */
function saver(
  ctx: PhaseContext,
  options: CognateOptions,
  stage: Stage,
  calibration: Calibration,
): (progress: LoopProgress) => Promise<void> {
  return async (progress) => {
    const state: StageState = {
      corpusHash: stage.corpusHash,
      progress,
      source: stage.source.state(),
      calibration: calibration.state(),
    };
    const tensors = await stage.trainer.snapshot();
    await stage.area.save(
      { step: progress.step, tensors, state },
      { keep: options.training.keepCheckpoints },
    );
    ctx.event('checkpoint', { task: stage.name, step: progress.step });
  };
}

/** Put the best averaged weights back when training went past them. */
async function useBest(stage: Stage, progress: LoopProgress, best: CheckpointArea): Promise<void> {
  if (progress.best === null || progress.best.step === progress.step) return;
  const kept = await best.latest();
  if (kept === null || kept.step !== progress.best.step) return;
  await stage.trainer.restore(
    Object.fromEntries(Object.entries(kept.tensors).map(([name, value]) => [`ema/${name}`, value])),
  );
}

function readState(checkpoint: Checkpoint, stage: Stage): StageState {
  const state = checkpoint.state as StageState;
  if (state.corpusHash !== stage.corpusHash) {
    throw new ForgeError(
      'AF_DATA_CHANGED',
      `The training data of ${stage.name} is not what its checkpoint was made on.`,
      {
        at: `checkpoint at step ${checkpoint.step}`,
        fix: 'restore the data files, or start a new session without --resume',
      },
    );
  }
  return state;
}

function inherited(start: Checkpoint | null): CalibrationState | undefined {
  return start === null ? undefined : (start.state as StageState).calibration;
}

function factorOf(start: Checkpoint | null): number {
  return start === null ? 1 : (start.state as StageState).progress.learningRateFactor;
}
