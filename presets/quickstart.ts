import type { ForgeConfig } from '../contracts/config.js';
import type { OptionsInput } from '../contracts/options.js';
import type { CognateOptions } from '../plugins/phases/cognate/options.js';

export interface QuickstartOptions {
  readonly seed?: number;
  /** Options of the cognate phase, laid over those of the preset. */
  readonly cognate?: OptionsInput<typeof CognateOptions>;
}

/** Three models of about a million parameters, trained on generated text in minutes on two cores. */
export function quickstart(options: QuickstartOptions = {}): ForgeConfig {
  return {
    extends: [BASE],
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    phases: { cognate: { ...options.cognate } },
  };
}

const BASE: ForgeConfig = {
  pipeline: ['cognate'],
  engine: 'onnxruntime',
  sinks: ['console', 'jsonl'],
  phases: {
    cognate: {
      model: {
        architecture: 'titans-mag',
        hyperparameters: {
          vocabularySize: 1024,
          contextLength: 256,
          dModel: 128,
          layers: 4,
          heads: 4,
          embeddingRank: 64,
          ffn: 256,
          window: 128,
          dMemory: 64,
          gateHidden: 64,
          recursion: { steps: 3, microSteps: 1, crossWidth: 64, crossHeads: 2, gHidden: 64, hHidden: 96 },
        },
      },
      tokenizer: { vocabularySize: 1024 },
      training: { rows: 16, length: 128, accumulation: 1, warmupSteps: 20, evaluateEvery: 50, checkpointEvery: 100 },
      maxSteps: 400,
      fisherBatches: 8,
    },
  },
};
