import { namedLayer, type ForgeConfig } from '../core/contracts/config.js';
import type { BuiltinPhases } from '../plugins/catalogue.js';

export interface QuickstartOptions {
  readonly seed?: number;
  /** Options of the cognate phase, laid over those of the preset. */
  readonly cognate?: BuiltinPhases['cognate'];
  /** Options of the evomerge phase, laid over those of the preset. */
  readonly evomerge?: BuiltinPhases['evomerge'];
}

/** Three models of about a million parameters, trained on generated text in minutes on two cores. */
export function quickstart(options: QuickstartOptions = {}): ForgeConfig {
  return {
    extends: [BASE],
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    phases: { cognate: { ...options.cognate }, evomerge: { ...options.evomerge } },
  };
}

const BASE: ForgeConfig = namedLayer('preset quickstart', {
  pipeline: ['cognate', 'evomerge'],
  phases: {
    cognate: {
      model: { architecture: 'titans-mag', size: '1m' },
      tokenizer: { vocabularySize: 1024 },
      // Ten times the documented rates: right for a few hundred updates of a small model, not for a long run.
      optimizer: { use: 'mugrokfast', options: { preset: 'phase1', muonLr: 0.02, fallbackLr: 0.01 } },
      training: {
        rows: 16,
        length: 128,
        accumulation: 1,
        warmupSteps: 10,
        emaDecay: 0.95,
        evaluateEvery: 30,
        checkpointEvery: 30,
      },
      maxSteps: 180,
      trunkFraction: 1 / 3,
      fisherBatches: 16,
      probeRows: 32,
      sample: { prompt: 'Once upon a time', maxTokens: 60, temperature: 0.7 },
    },
    evomerge: {
      // Few enough tokens that fifty generations take about a minute.
      evaluation: { selection: 11_000, holdout: 33_000, rows: 16, length: 256 },
      generation: { records: 16, rows: 16, maxTokens: 48 },
      sample: { prompt: 'Once upon a time', maxTokens: 60, temperature: 0.7 },
    },
  },
});
