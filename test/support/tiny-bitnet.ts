import type { ForgeConfig } from '../../core/contracts/config.js';
import type { OptionsInput } from '../../core/contracts/options.js';
import type { BitnetOptions } from '../../plugins/phases/bitnet/options.js';
import { TINY_CONFIG } from './tiny-cognate.js';

/** Training of recovery that takes a second. */
export const TINY_RECOVERY = {
  ...{ rows: 2, length: 24, accumulation: 1, warmupSteps: 1, emaDecay: 0.5 },
  ...{ evaluateEvery: 2, checkpointEvery: 2 },
};

/** Options of a run of phase 4 that takes seconds on the tiny thinker: six updates, three of them in the second stage. */
export function tinyBitnet(
  overrides: OptionsInput<typeof BitnetOptions> = {},
): OptionsInput<typeof BitnetOptions> {
  return {
    formats: { smallest: 64 },
    calibration: { sequences: 8, rows: 4 },
    recovery: { steps: 6, training: TINY_RECOVERY, watchEvery: 2 },
    // Of a few thousand weights the header is most of the file.
    mixed: { when: 'never' },
    evaluation: { selection: 200, holdout: 200 },
    examination: { items: 4, rows: 4, answerTokens: 3, resamples: 100 },
    sample: { prompt: '1+1+1=', maxTokens: 3, temperature: 0.7 },
    ...overrides,
  };
}

/** The same bits on every machine, and nothing on the screen. */
export const QUIET_CONFIG: ForgeConfig = { ...TINY_CONFIG, sinks: [] };
