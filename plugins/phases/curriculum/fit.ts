import { ForgeError } from '../../../core/errors/index.js';
import type { OpenedModel } from '../shared/model/open.js';
import { lengthProblems } from '../shared/plan.js';
import { memoryProblem } from '../shared/training/memory-problem.js';
import { trainingNeeds } from '../shared/training/needs.js';
import type { CurriculumOptions } from './options.js';
import { AT } from './paths.js';

/** Refuse sizes that the model cannot have, before anything is measured. @throws ForgeError AF_CONFIG_INVALID */
export function requireFit({ forge: { training } }: CurriculumOptions, model: OpenedModel): void {
  const problems = [
    ...lengthProblems(training.length, model, `${AT}.forge.training.length`),
    ...memoryProblem(trainingNeeds(model, training), {
      at: `${AT}.forge.training`,
      message: 'training needs more memory than this machine has',
      fix: 'lower forge.training.rows or forge.training.length',
    }),
  ];
  if (problems.length === 0) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'The model cannot be trained as it is asked for.', { problems });
}
