import type { OptionsInput } from '../../core/contracts/options.js';
import type { EvomergeOptions } from '../../plugins/phases/evomerge/options.js';

/** Options of an evolution that takes a second or two on the tiny trio. */
export function tinyEvomerge(
  overrides: OptionsInput<typeof EvomergeOptions> = {},
): OptionsInput<typeof EvomergeOptions> {
  return {
    generations: 2,
    evaluation: { selection: 120, holdout: 120, rows: 4, length: 32 },
    generation: { records: 2, rows: 2, maxTokens: 3 },
    sample: { prompt: 'then', maxTokens: 3, temperature: 0.7 },
    ...overrides,
  };
}
