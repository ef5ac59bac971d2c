import type { OptionsInput } from '../../core/contracts/options.js';
import type { CurriculumOptions } from '../../plugins/phases/curriculum/options.js';

/** Main training that takes a second, in rows as long as the context: the shortest tasks fit with their thoughts. */
export const TINY_FORGE = {
  ...{ rows: 2, length: 32, accumulation: 1, warmupSteps: 1, emaDecay: 0.5 },
  ...{ evaluateEvery: 2, checkpointEvery: 2 },
};

/** Options of a run of phase 5 that takes seconds on the tiny ternary model: no tools, and levels that nothing ends early. */
export function tinyCurriculum(
  overrides: OptionsInput<typeof CurriculumOptions> = {},
): OptionsInput<typeof CurriculumOptions> {
  return {
    data: { samples: 20 },
    tasks: { generators: ['arithmetic-tasks'] },
    tools: { generator: null },
    assessment: { questions: 4, grid: 3, refinements: [7] },
    forge: { steps: 4, training: TINY_FORGE, watchEvery: 2 },
    // A model that knows nothing goes on to the last level.
    levels: { items: 6, heldOut: 4, epochs: 2, wall: 0 },
    consolidation: { steps: 2 },
    examination: {
      ...{ items: 4, toolItems: 2, plainItems: 2, rows: 4 },
      ...{ answerTokens: 3, taskTokens: 10, resamples: 100 },
    },
    sample: { prompt: '1+1+1=', maxTokens: 3, temperature: 0.7 },
    ...overrides,
  };
}
