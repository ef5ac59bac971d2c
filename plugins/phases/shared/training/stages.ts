import type { Architecture } from '../../../../core/contracts/architecture.js';
import { ForgeError, type Problem } from '../../../../core/errors/index.js';
import { streamKey, wordAt } from '../../../../nn/random/index.js';
import type { StepShape } from '../../../../nn/training/index.js';
import type { ModelShape } from '../model/shape.js';
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
      const { rows, length, steps } = stretchAt(step);
      const drawn = steps[Math.floor(wordAt(key, step) * TO_UNIT * steps.length)]!;
      return { rows, length, ...(drawn === run.recursionSteps ? {} : { steps: drawn }) };
    },
    tokensAt: (step) => tokensOf(stretchAt(step)),
    tokensUpTo: (step) => upTo(step, tokensOf),
    workUpTo: (step) => upTo(step, costOf),
  };
}

/** The last one has the run's own shape and no end. */
function stretchesOf(options: ShapeOptions, { totalSteps, recursionSteps }: StagedRun): Stretch[] {
  const stages: readonly Partial<TrainingStage>[] = [...(options.stages ?? []), {}];
  let from = 0;
  return stages.map(({ until, rows = options.rows, length = options.length, steps = recursionSteps }) => {
    const to = until === undefined ? Infinity : Math.max(from, Math.round(until * totalSteps));
    const stretch = { from, to, rows, length, steps: numbersOf(steps) };
    from = to;
    return stretch;
  });
}

/** Every shape that a run has, its own last: for what the largest of them needs. */
export function batchShapes({
  rows,
  length,
  stages = [],
}: Pick<ShapeOptions, 'rows' | 'length' | 'stages'>): { readonly rows: number; readonly length: number }[] {
  return [...stages, {}].map((stage: Partial<TrainingStage>) => ({
    rows: stage.rows ?? rows,
    length: stage.length ?? length,
  }));
}

/** K of a model. */
export function recursionStepsOf(architecture: Architecture, hyperparameters: unknown): number {
  return architecture.facts?.(hyperparameters)['recursion_steps'] ?? 1;
}

/**
 * Stages that a model cannot be trained in.
 * @param at config path of the training options
 */
export function stageProblems(
  { length, stages }: Pick<TrainingOptions, 'length' | 'stages'>,
  shape: Pick<ModelShape, 'architecture' | 'config'>,
  at: string,
): Problem[] {
  return stages.flatMap((stage, i) => [
    ...orderProblems(stages, i, at),
    ...lengthProblem(stage, length, `${at}.stages[${i}].length`),
    ...stepProblems(stage, shape, `${at}.stages[${i}].steps`),
  ]);
}

/** @throws ForgeError AF_CONFIG_INVALID naming every stage that the model cannot be trained in */
export function requireStages(
  training: Pick<TrainingOptions, 'length' | 'stages'>,
  shape: Pick<ModelShape, 'architecture' | 'config'>,
): void {
  const problems = stageProblems(training, shape, 'training');
  if (problems.length === 0) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'The model cannot be trained in the stages of the options.', {
    problems,
  });
}

function orderProblems(stages: readonly TrainingStage[], i: number, at: string): Problem[] {
  const before = stages[i - 1]?.until ?? 0;
  if (stages[i]!.until > before) return [];
  return [
    {
      at: `${at}.stages[${i}].until`,
      message: 'the stage is over before it begins',
      expected: `above ${before}, where the one before it ends`,
      found: String(stages[i]!.until),
      fix: 'Order the stages by `until`, each later than the one before.',
    },
  ];
}

function lengthProblem({ length = 1 }: TrainingStage, whole: number, at: string): Problem[] {
  if (whole % length === 0) return [];
  return [
    {
      at,
      message: "the run's rows cannot be cut into rows of this length",
      expected: `a divisor of ${whole} (training.length)`,
      found: String(length),
      fix: 'Give a length that goes into training.length without a rest: a half, a quarter.',
    },
  ];
}

function stepProblems(
  { steps }: TrainingStage,
  { architecture: model, config }: Pick<ModelShape, 'architecture' | 'config'>,
  at: string,
): Problem[] {
  const most = recursionStepsOf(model, config.hyperparameters);
  const { architecture } = config;
  if (steps === undefined || (most > 1 && numbersOf(steps).every((k) => k <= most))) return [];
  const found = JSON.stringify(steps);
  if (most === 1)
    return [
      {
        at,
        message: `${architecture} has no recursion to unroll in part`,
        expected: 'no `steps`',
        found,
        fix: 'Leave `steps` out of the stage, or choose an architecture with recursion.',
      },
    ];
  return [
    {
      at,
      message: `${architecture} has not so many recursion steps`,
      expected: `at most ${most}`,
      found,
      fix: `Unroll ${most} steps at most, or give the model more.`,
    },
  ];
}

function numbersOf(steps: number | readonly number[]): readonly number[] {
  return typeof steps === 'number' ? [steps] : steps;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
