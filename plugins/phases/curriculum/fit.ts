import { ForgeError, type Problem } from '../../../core/errors/index.js';
import { countParameters } from '../../../nn/models/index.js';
import type { OpenedModel } from '../shared/model/open.js';
import { lengthProblems } from '../shared/plan.js';
import { memoryProblem } from '../shared/training/memory-problem.js';
import { trainingNeeds, type Needs } from '../shared/training/needs.js';
import { hasTeacher } from './dream-options.js';
import type { CurriculumOptions } from './options.js';
import { AT } from './paths.js';
import { selfModelProblems } from './self-model.js';

const FLOAT_BYTES = 4;

/** Refuse sizes that the model cannot have, before anything is measured. @throws ForgeError AF_CONFIG_INVALID */
export function requireFit(options: CurriculumOptions, model: OpenedModel): void {
  const { training, selfModel } = options.forge;
  const problems = [
    ...selfModelProblems(selfModel, model),
    ...lengthProblems(training.length, model, `${AT}.forge.training.length`),
    ...memoryProblem(needsOf(options, model), {
      at: `${AT}.forge.training`,
      message: 'training needs more memory than this machine has',
      fix: 'lower forge.training.rows or forge.training.length',
    }),
    ...armProblems(options, model),
  ];
  if (problems.length === 0) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'The model cannot be trained as it is asked for.', { problems });
}

/** Peak memory of training: dreams have a trainer of their own, and their teacher beside it. */
function needsOf({ forge: { training }, dreams }: CurriculumOptions, model: OpenedModel): Needs {
  const own = trainingNeeds(model, training);
  if (own.memoryBytes === null || !hasTeacher(dreams)) return own;
  const { architecture, config, tensors } = model;
  const { rows, length } = training;
  const reading = architecture.memoryBytes!(config.hyperparameters, { rows, length, training: false });
  return { memoryBytes: 2 * own.memoryBytes + FLOAT_BYTES * countParameters(tensors) + reading };
}

/** Arms are trained in turns, beside the trainer of the phase: each has a state and programs of its own. */
function armProblems({ forge: { training }, comparison }: CurriculumOptions, model: OpenedModel): Problem[] {
  if (comparison === null) return [];
  const { memoryBytes, ...rest } = trainingNeeds(model, training);
  const arms = Object.keys(comparison.arms).length;
  return memoryProblem(
    { ...rest, memoryBytes: memoryBytes === null ? null : memoryBytes * (1 + arms) },
    {
      at: `${AT}.comparison.arms`,
      message: `${arms} optimizers side by side need more memory than this machine has`,
      fix: 'compare fewer arms, or lower forge.training.rows or forge.training.length',
    },
  );
}
