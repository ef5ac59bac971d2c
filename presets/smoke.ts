import type { ForgeConfig } from '../core/contracts/config.js';
import type { BuiltinPhases } from '../plugins/catalogue.js';
import { quickstart } from './quickstart.js';

export interface SmokeOptions {
  readonly seed?: number;
  /** Options of the cognate phase, laid over those of the preset. */
  readonly cognate?: BuiltinPhases['cognate'];
  /** Options of the evomerge phase, laid over those of the preset. */
  readonly evomerge?: BuiltinPhases['evomerge'];
}

/**
 * The whole pipeline of the quickstart in about ten seconds on two cores, for tests of plugins and for CI: models of
 * 38,000 parameters, 30 updates, three generations. Everything is trained and measured as always; most targets are
 * missed, and said to be.
 */
export function smoke(options: SmokeOptions = {}): ForgeConfig {
  return {
    extends: [quickstart(), SMALL],
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    phases: { cognate: { ...options.cognate }, evomerge: { ...options.evomerge } },
  };
}

/** What is small; everything else is the quickstart's. */
const SMALL: ForgeConfig = {
  phases: {
    cognate: {
      model: { size: 'tiny' },
      tokenizer: { vocabularySize: 320, maxCharacters: 100_000 },
      data: { datasets: ['stories', 'arithmetic'], evaluationRows: 4 },
      training: {
        rows: 8,
        length: 64,
        warmupSteps: 4,
        emaDecay: 0.9,
        evaluateEvery: 10,
        // Often: a run that is killed at any moment has something to go on from.
        checkpointEvery: 5,
      },
      maxSteps: 30,
      fisherBatches: 4,
      probeRows: 8,
      sample: { maxTokens: 20 },
    },
    evomerge: {
      generations: 3,
      evaluation: { selection: 2_000, holdout: 2_000, rows: 8, length: 64 },
      generation: { records: 4, rows: 4, maxTokens: 12 },
      sample: { maxTokens: 20 },
    },
  },
};
