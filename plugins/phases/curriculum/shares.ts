import { WorkShares } from '../shared/progress.js';
import type { CurriculumOptions } from './options.js';
import { rulesOf } from './value-options.js';

/** How much of the phase is done. */
export type PhaseShares = WorkShares<
  'before' | 'comparison' | 'forge' | 'levels' | 'consolidation' | 'values' | 'after'
>;

/** Answers that cost as much as an update, roughly. */
const ANSWERS_PER_UPDATE = 6;
const LEVELS = 10;

/** Parts of the phase by what they cost, in updates. */
export function sharesOf({
  comparison,
  forge,
  levels,
  consolidation,
  values,
  examination,
  assessment,
}: CurriculumOptions): PhaseShares {
  const asked = (count: number): number => count / ANSWERS_PER_UPDATE;
  const lists = LEVELS * levels.heldOut;
  const probes = assessment.questions * (assessment.grid + 2 * assessment.refinements.length);
  const attempts = LEVELS * levels.epochs * (levels.items + levels.heldOut);
  return new WorkShares([
    { name: 'before', cost: asked(probes + lists + examination.items) },
    {
      name: 'comparison',
      cost: comparison === null ? 0 : comparison.steps * Object.keys(comparison.arms).length,
    },
    { name: 'forge', cost: forge.steps },
    { name: 'levels', cost: asked(attempts + (LEVELS * lists) / 2) },
    { name: 'consolidation', cost: consolidation.steps },
    { name: 'values', cost: rulesOf(values).length * values.steps },
    { name: 'after', cost: asked(lists + 3 * examination.items + 10 * examination.toolItems) },
  ]);
}
