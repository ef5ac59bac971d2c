import type { ControlContext, RecordContext, StoreContext } from '../../../../core/contracts/phase.js';
import type { Checkpoint, CheckpointArea } from '../../../../core/contracts/store.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import type { HaltingCalibration } from '../../../../nn/halting/index.js';
import {
  fromGroup,
  LOOP_START,
  overflowed,
  trainLoop,
  type EvaluationResult,
  type HostBatch,
  type LoopOptions,
  type LoopProgress,
  type StepResult,
  type Trainer,
} from '../../../../nn/training/index.js';
import type { TrainingOptions } from '../options.js';
import { SavedProgress, type Saved } from '../resume.js';
import { Calibration } from './calibration.js';
import { StepMeter, type MeterOptions } from './meter.js';
import { recursionStepsOf, shapeSchedule, type ShapeSchedule } from './stages.js';

/** A resumable stream of training batches. */
export interface TrainingSource {
  /** @param length tokens per row: those of the run, or a divisor of them in a stage that has less */
  nextBatch(rows: number, length: number): HostBatch | Promise<HostBatch>;
  /** JSON. */
  state(): unknown;
  restore(state: unknown): void;
}

/** Looks at a run between its updates and may take weights back. What it knows is kept with every checkpoint. */
export interface TrainingReview {
  /** After every update and its evaluation. @returns where training stands then: `best` is null where it is taken back too */
  after(progress: LoopProgress): Promise<LoopProgress>;
  /** JSON. */
  state(): unknown;
  /** Weights that it may go back to. */
  tensors(): TensorDict;
  restore(state: unknown, tensors: TensorDict): void;
}

/** One stretch of training: from where it starts, or its newest checkpoint, to its last step. */
export interface TrainingRun extends Omit<MeterOptions, 'shapes' | 'learningRate' | 'losses'> {
  readonly trainer: Trainer;
  readonly source: TrainingSource;
  /** Checkpoints of this run; the best weights go below it. */
  readonly area: CheckpointArea;
  readonly options: TrainingOptions;
  /** Factor of the learning rate at an update, 0..1. */
  readonly schedule: (step: number) => number;
  /** Shapes of the updates; without it `options.stages` divide the updates up to `lastStep`. */
  readonly shapes?: ShapeSchedule;
  /** Held-out rows that training is measured on. */
  readonly heldOut: readonly HostBatch[];
  /** The held-out loss that is reported, and that the best weights and the early stop go by; default the cross-entropy. */
  readonly measure?: (result: EvaluationResult) => number;
  /** Identifies the training data: a checkpoint made on other data is refused. */
  readonly dataHash: string;
  /** Whether the averages with the lowest held-out loss are used in the end, and not the last; default yes. */
  readonly keepBest?: boolean;
  /** Null: it never stops before its last step. */
  readonly earlyStop: TrainingOptions['earlyStop'];
  /** Told what every update measured, before the next one is drawn. */
  readonly onStep?: (result: StepResult) => void;
  readonly review?: TrainingReview;
}

export interface TrainingOutcome {
  readonly progress: LoopProgress;
  readonly calibration: HaltingCalibration;
  readonly meter: StepMeter;
  readonly shapes: ShapeSchedule;
}

/** What a run goes on from. */
export interface TrainingState {
  readonly progress: LoopProgress;
  readonly source: unknown;
  readonly calibration: HaltingCalibration;
  /** Of the meter: newest losses, for a mean that goes on. */
  readonly losses: readonly number[];
  /** Of the review, where there is one. */
  readonly review?: unknown;
}

/** Where a run ended: its tensors and what the next one inherits. */
export type RunEnd = Saved<TrainingState>;

type Running = Pick<RecordContext, 'metric' | 'progress' | 'event'> &
  Pick<ControlContext, 'pausePoint'> &
  Pick<StoreContext, 'sessionId'>;

/**
 * Train from the newest checkpoint of the run if there is one, else from `start` (the end of the run before), else from
 * the trainer as it is. Leaves the best averaged weights in the trainer's `ema` group.
 *
 * @throws ForgeError AF_DATA_CHANGED, AF_TRAINING_DIVERGED
 */
export async function trainRun(
  ctx: Running,
  run: TrainingRun,
  start: RunEnd | null = null,
): Promise<TrainingOutcome> {
  const shapes = run.shapes ?? shapesOf(run);
  const saved = savedRun(ctx, run);
  const resumed = await saved.latest();
  const from = resumed ?? start;
  if (from !== null) await run.trainer.restore(trainerTensors(from.tensors));
  if (resumed !== null) goOn(run, resumed);
  const calibration = new Calibration(from?.state.calibration);
  const begin: LoopProgress = resumed?.state.progress ?? {
    ...LOOP_START,
    step: start?.step ?? 0,
    learningRateFactor: start?.state.progress.learningRateFactor ?? 1,
  };
  const meter = meterOf(ctx, run, shapes, resumed?.state.losses);
  const best = run.area.child('best');
  const { measure = ({ crossEntropy }) => crossEntropy } = run;
  const save = async (progress: LoopProgress): Promise<void> => {
    const state = {
      progress,
      source: run.source.state(),
      calibration: calibration.state(),
      losses: meter.recentLosses(),
      ...(run.review === undefined ? {} : { review: run.review.state() }),
    };
    const tensors = { ...(await run.trainer.snapshot()), ...reviewTensors(run.review) };
    await saved.save({ step: progress.step, tensors, state }, run.options.keepCheckpoints);
    ctx.event('checkpoint', { task: run.name, step: progress.step });
  };
  const progress = await trainLoop(
    {
      ...loopSettings(run),
      shapeAt: (step) => shapes.at(step),
      ...watching(ctx, run, { meter, calibration }),
      evaluate: async ({ step }) =>
        meter.heldOut(step, measure(await run.trainer.evaluate('ema', run.heldOut))),
      ...(run.keepBest === false
        ? {}
        : {
            onBest: async ({ step }: LoopProgress) =>
              best.save({ step, tensors: await averages(run.trainer), state: {} }, { keep: 1 }),
          }),
      save,
      ...(run.review === undefined ? {} : { review: (at) => run.review!.after(at) }),
      pausePoint: (at) => ctx.pausePoint(() => save(at)),
    },
    begin,
  );
  await useBest(run.trainer, progress, best);
  return { progress, calibration: calibration.state(), meter, shapes };
}

/** The end of a finished run, for the one that goes on from it. */
export function runEnd(
  ctx: Pick<StoreContext, 'sessionId'>,
  run: Pick<TrainingRun, 'area' | 'dataHash'>,
): Promise<RunEnd | null> {
  return savedRun(ctx, run).latest();
}

/** Put a trainer, and what watches it, where a finished run left them: its best averages are in use. */
export async function returnTo(
  { trainer, review, area }: Pick<TrainingRun, 'trainer' | 'review' | 'area'>,
  end: RunEnd,
): Promise<void> {
  await trainer.restore(trainerTensors(end.tensors));
  review?.restore(end.state.review, reviewed(end.tensors));
  await useBest(trainer, end.state.progress, area.child('best'));
}

/** Give the source and the review of a run what a checkpoint has of them. */
export function goOn(
  { source, review }: Pick<TrainingRun, 'source' | 'review'>,
  { state, tensors }: RunEnd,
): void {
  source.restore(state.source);
  review?.restore(state.review, reviewed(tensors));
}

/** Of the tensors of a checkpoint those of the review, by their own names. */
function reviewed(tensors: TensorDict): TensorDict {
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(REVIEW));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(REVIEW.length), value]));
}

/** Before the names of a review's tensors in a checkpoint. */
const REVIEW = 'review/';

function reviewTensors(review: TrainingReview | undefined): TensorDict {
  const own = Object.entries(review?.tensors() ?? {});
  return Object.fromEntries(own.map(([name, value]) => [`${REVIEW}${name}`, value]));
}

function trainerTensors(tensors: TensorDict): TensorDict {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith(REVIEW)));
}

function savedRun(
  ctx: Pick<StoreContext, 'sessionId'>,
  { area, dataHash }: Pick<TrainingRun, 'area' | 'dataHash'>,
): SavedProgress<TrainingState> {
  return new SavedProgress(ctx, area, dataHash, 'The training data is');
}

function meterOf(
  ctx: Running,
  run: TrainingRun,
  shapes: ShapeSchedule,
  losses: readonly number[] = [],
): StepMeter {
  const { learningRate } = run.trainer.options.model.optimizer;
  return new StepMeter(ctx, { ...run, shapes, learningRate, losses });
}

function shapesOf({ trainer, options, lastStep }: TrainingRun): ShapeSchedule {
  const { model, seed } = trainer.options;
  const recursionSteps = recursionStepsOf(model.architecture, model.config);
  return shapeSchedule(options, { totalSteps: lastStep, recursionSteps, seed });
}

type Settings = 'trainer' | 'source' | 'steps' | 'accumulation' | 'schedule' | 'emaDecay';
type Cadence = 'evaluateEvery' | 'earlyStop' | 'checkpointEvery';

function loopSettings({
  trainer,
  source,
  lastStep,
  options,
  schedule,
  earlyStop,
}: TrainingRun): Pick<LoopOptions, Settings | Cadence> {
  const { accumulation, emaDecay, evaluateEvery, checkpointEvery } = options;
  return {
    trainer,
    source: {
      nextBatch: ({ rows, length }) => source.nextBatch(rows, length),
      state: () => source.state(),
    },
    steps: lastStep,
    ...{ accumulation, schedule, emaDecay, evaluateEvery, checkpointEvery, earlyStop },
  };
}

function watching(
  ctx: Pick<RecordContext, 'event'>,
  { name, onStep: told }: TrainingRun,
  { meter, calibration }: { readonly meter: StepMeter; readonly calibration: Calibration },
): Pick<LoopOptions, 'onStep' | 'onSkip'> {
  return {
    onStep: (result, at, scale) => {
      calibration.observe(result.metrics);
      meter.step(result, at, scale);
      told?.(result);
    },
    onSkip: ({ step }, result) => {
      const halved = overflowed(result) ? 'scale of the loss' : 'learning rate';
      const message = `the gradient was not finite at step ${step}: update skipped, ${halved} halved`;
      ctx.event('alert', { task: name, step, message });
    },
  };
}

/** The averages of what is trained: all else is as it was. */
async function averages(trainer: Trainer): Promise<TensorDict> {
  return fromGroup('ema', await trainer.read('ema'));
}

/** Put the best averaged weights back when training went past them. */
async function useBest(trainer: Trainer, { best, step }: LoopProgress, area: CheckpointArea): Promise<void> {
  if (best === null || best.step === step) return;
  const kept: Checkpoint | null = await area.latest();
  if (kept?.step !== best.step) return;
  await trainer.restore(
    Object.fromEntries(Object.entries(kept.tensors).map(([name, value]) => [`ema/${name}`, value])),
  );
}
