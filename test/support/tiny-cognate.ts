import type { ForgeConfig } from '../../core/contracts/config.js';
import { defineDataset, type DataRecord } from '../../core/contracts/dataset.js';
import type { OptionsInput } from '../../core/contracts/options.js';
import type { CognateOptions } from '../../plugins/phases/cognate/options.js';

/** Counting in words: little to learn, learnt in a few updates. */
export const counting = defineDataset({
  name: 'counting',
  create: () => ({
    category: 'language',
    synthetic: true,
    load: () => Promise.resolve(records((from) => `${from} then ${from + 1} then ${from + 2} and so on.`)),
  }),
});

/** Other texts under the same name. */
export const otherCounting = defineDataset({
  name: 'counting',
  create: () => ({
    category: 'language',
    synthetic: true,
    load: () => Promise.resolve(records((from) => `${from} before ${from + 1} before ${from + 2}.`)),
  }),
});

/** Sums with the answer apart. */
export const sums = defineDataset({
  name: 'sums',
  create: () => ({
    category: 'math',
    synthetic: true,
    load: () =>
      Promise.resolve(
        Array.from({ length: 60 }, (_, i): DataRecord => {
          const input = `Question: ${i} + ${i % 7}?\nAnswer:`;
          const output = ` ${i + (i % 7)}`;
          return { text: input + output, input, output };
        }),
      ),
  }),
});

function records(text: (from: number) => string): DataRecord[] {
  return Array.from({ length: 60 }, (_, i) => ({ text: text(i) }));
}

/** Options of a cognate run that takes a second or two. */
export function tinyCognate(
  overrides: OptionsInput<typeof CognateOptions> = {},
): OptionsInput<typeof CognateOptions> {
  return {
    model: {
      hyperparameters: {
        contextLength: 32,
        dModel: 16,
        layers: 2,
        heads: 2,
        embeddingRank: 8,
        ffn: 16,
        window: 8,
        dMemory: 8,
        gateHidden: 8,
        dropout: 0.1,
        recursion: { steps: 2, microSteps: 1, crossWidth: 8, crossHeads: 2, gHidden: 8, hHidden: 8 },
      },
    },
    optimizer: { use: 'mugrokfast', options: { preset: 'phase1', muonLr: 0.02, fallbackLr: 0.01 } },
    tokenizer: { vocabularySize: 300 },
    data: { datasets: ['counting', 'sums'], evaluationRows: 4 },
    training: {
      rows: 2,
      length: 16,
      accumulation: 1,
      warmupSteps: 1,
      emaDecay: 0.5,
      evaluateEvery: 3,
      checkpointEvery: 2,
    },
    maxSteps: 6,
    trunkFraction: 0.5,
    fisherBatches: 2,
    probeRows: 2,
    sample: { prompt: 'then', maxTokens: 4, temperature: 0.7 },
    ...overrides,
  };
}

/** One thread: what tests need is the same bits, not speed. */
export const TINY_CONFIG: ForgeConfig = { seed: 7, options: { onnxruntime: { threads: 1 } } };
