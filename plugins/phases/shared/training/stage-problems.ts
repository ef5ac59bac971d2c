import { ForgeError, type Problem } from '../../../../core/errors/index.js';
import type { ModelShape } from '../model/shape.js';
import type { TrainingOptions, TrainingStage } from '../options.js';
import { numbersOf, recursionStepsOf } from './stages.js';

/**
 * Stages that a model cannot be trained in.
 * @param at config path of the training options
 * @param stepWeights of the objective: what counts nothing in the first steps cannot be learnt from them alone
 */
export function stageProblems(
  { length, stages }: Pick<TrainingOptions, 'length' | 'stages'>,
  shape: Pick<ModelShape, 'architecture' | 'config'>,
  at: string,
  stepWeights: readonly number[] | null = null,
): Problem[] {
  return stages.flatMap((stage, i) => [
    ...orderProblems(stages, i, at),
    ...weightProblems(stage, stepWeights, `${at}.stages[${i}].steps`),
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
  // One step is all of a model without recursion: a preset's stages hold for whichever architecture is swapped in.
  if (steps === undefined || numbersOf(steps).every((k) => k <= most)) return [];
  const none = most === 1;
  return [
    {
      at,
      message: `${architecture} has ${none ? 'no recursion' : 'not so many recursion steps'}`,
      expected: none ? '1, or no `steps`' : `at most ${most}`,
      found: JSON.stringify(steps),
      fix: none
        ? 'Leave `steps` out of the stage, or choose an architecture with recursion.'
        : `Unroll ${most} steps at most, or give the model more.`,
    },
  ];
}

function weightProblems(
  { steps = [] }: TrainingStage,
  stepWeights: readonly number[] | null,
  at: string,
): Problem[] {
  const idle = numbersOf(steps).filter((k) => stepWeights?.slice(0, k).every((weight) => weight === 0));
  return idle.map((k) => ({
    at,
    message: `the loss of the first ${k} steps weighs nothing`,
    expected: `objective.stepWeights with a weight above 0 for one of the first ${k} steps`,
    found: JSON.stringify(stepWeights),
    fix: 'Give one of these steps a weight, or unroll more of them.',
  }));
}
