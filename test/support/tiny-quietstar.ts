import type { OptionsInput } from '../../core/contracts/options.js';
import type { QuietstarOptions } from '../../plugins/phases/quietstar/options.js';

export { tinyWorked as worked, workedRecords } from '../../testing/fixtures/tiny-worked.js';

/** Options of a run of phase 3 that takes seconds on the tiny champion. */
export function tinyQuietstar(
  overrides: OptionsInput<typeof QuietstarOptions> = {},
): OptionsInput<typeof QuietstarOptions> {
  const training = {
    ...{ rows: 2, length: 24, accumulation: 1, warmupSteps: 1, emaDecay: 0.5 },
    ...{ evaluateEvery: 2, checkpointEvery: 2, earlyStop: null },
  };
  return {
    data: { datasets: ['worked'] },
    baking: { steps: 4, training },
    thoughts: { tokens: 2, talk: 2, samples: 2, positions: 2 },
    quiet: { steps: 2, training: { ...training, evaluateEvery: 1, checkpointEvery: 1 } },
    examination: {
      ...{ items: 8, furtherItems: 4, rows: 4, thoughtTokens: 4, answerTokens: 3 },
      ...{ hardRows: 2, resamples: 100 },
    },
    sample: { prompt: '1+1+1=', maxTokens: 3, temperature: 0.7 },
    ...overrides,
  };
}
