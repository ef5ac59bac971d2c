import { keepBehaviour, keepBehaviourExtras } from '../../../nn/objectives/index.js';
import { batchExtras } from '../shared/baking/rows.js';
import { teachingAlike } from '../shared/baking/work.js';
import type { TrainerParts } from '../shared/training/trainer.js';

/** What earlier phases learnt is kept by what the model that came in says, with its formats and rounded inputs. */
export function keeping(parts: TrainerParts, weight: number): TrainerParts {
  if (weight === 0) return parts;
  const { objective, transform, weights, training } = parts;
  return {
    ...parts,
    reference: weights,
    extras: batchExtras(keepBehaviourExtras(training.length), training.rows),
    objective: teachingAlike(keepBehaviour(objective, weight), transform),
  };
}
