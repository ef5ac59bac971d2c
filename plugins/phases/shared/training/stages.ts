import type { Architecture } from '../../../../core/contracts/architecture.js';
import { streamKey, wordAt } from '../../../../nn/random/index.js';
import { shapeKey, type StepShape } from '../../../../nn/training/index.js';
import type { TrainingOptions, TrainingStage } from '../options.js';

/** What of a run's options decides its shapes. */
export type ShapeOptions = Pick<TrainingOptions, 'rows' | 'length' | 'accumulation'> &
  Partial<Pick<TrainingOptions, 'stages'>>;

/** Which shape each update of a run has. Updates are counted from 1. */
export interface ShapeSchedule {
  readonly at: (step: number) => StepShape;
  /** Tokens that an update reads. */
  readonly tokensAt: (step: number) => number;
  /** Tokens that all updates up to one read. */
  readonly tokensUpTo: (step: number) => number;
  /** What all updates up to one cost, in updates of the run's own shape: an estimate for progress. */
  readonly workUpTo: (step: number) => number;
}

/** A run as its stages divide it. */
export interface StagedRun {
  /** All updates of the run, of which a stage has a share. */
  readonly totalSteps: number;
  /** K of the model. */
  readonly recursionSteps: number;
  /** Of the drawn numbers of steps. */
  readonly seed: number;
}

/** What a recursion step costs of the layers before it, roughly: their attentions and MLPs are smaller. */
const STEP_COST = 1 / 3;

const TO_UNIT = 1 / 4294967296;

/** Updates in (from, to], all of one stage. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly length: number;
  /** Numbers of steps to draw from; K for all. */
  readonly steps: readonly number[];
}

/**
 * The shapes of a run. The number of steps of an update is drawn by its own number, so that a run that goes on draws as an
 * unbroken one does.
 */
export function shapeSchedule(options: ShapeOptions, run: StagedRun): ShapeSchedule {
  const stretches = stretchesOf(options, run);
  const key = streamKey(run.seed, 'training', 'steps');
  const full = options.rows * options.length * (1 + STEP_COST * run.recursionSteps);
  const costOf = ({ rows, length, steps }: Stretch): number =>
    (rows * length * (1 + STEP_COST * mean(steps))) / full;
  const tokensOf = ({ rows, length }: Stretch): number => rows * length * options.accumulation;
  const stretchAt = (step: number): Stretch =>
    stretches.find(({ from, to }) => step > from && step <= to) ?? stretches.at(-1)!;
  const upTo = (step: number, each: (stretch: Stretch) => number): number =>
    stretches.reduce((sum, one) => sum + Math.max(0, Math.min(step, one.to) - one.from) * each(one), 0);
  return {
    at: (step) => {
      const stretch = stretchAt(step);
      const { steps } = stretch;
      const drawn = steps[Math.floor(wordAt(key, step) * TO_UNIT * steps.length)]!;
      return shapeOf(stretch, drawn, run.recursionSteps);
    },
    tokensAt: (step) => tokensOf(stretchAt(step)),
    tokensUpTo: (step) => upTo(step, tokensOf),
    workUpTo: (step) => upTo(step, costOf),
  };
}

/** The last one has the run's own shape and no end. */
function stretchesOf(
  options: ShapeOptions,
  { totalSteps, recursionSteps }: Omit<StagedRun, 'seed'>,
): Stretch[] {
  const stages: readonly Partial<TrainingStage>[] = [...(options.stages ?? []), {}];
  let from = 0;
  return stages.map(({ until, rows = options.rows, length = options.length, steps = recursionSteps }) => {
    const to = until === undefined ? Infinity : Math.max(from, Math.round(until * totalSteps));
    const stretch = { from, to, rows, length, steps: numbersOf(steps) };
    from = to;
    return stretch;
  });
}

/** Every shape that a run has, each once: those that programs are compiled for. */
export function distinctShapes(options: ShapeOptions, recursionSteps: number): StepShape[] {
  const stretches = stretchesOf(options, { totalSteps: 1, recursionSteps });
  const shapes = stretches.flatMap((stretch) =>
    stretch.steps.map((steps) => shapeOf(stretch, steps, recursionSteps)),
  );
  return [...new Map(shapes.map((shape) => [shapeKey(shape), shape])).values()];
}

/** @param steps to be unrolled; all of them are not named, so that one program serves them */
function shapeOf({ rows, length }: Stretch, steps: number, recursionSteps: number): StepShape {
  return { rows, length, ...(steps === recursionSteps ? {} : { steps }) };
}

/** K of a model. */
export function recursionStepsOf(architecture: Architecture, hyperparameters: unknown): number {
  return architecture.facts?.(hyperparameters)['recursion_steps'] ?? 1;
}

/** A number of steps, or those to draw from. */
export function numbersOf(steps: number | readonly number[]): readonly number[] {
  return typeof steps === 'number' ? [steps] : steps;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
