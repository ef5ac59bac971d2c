import { SIZES } from '../../plugins/architectures/titans-mag/sizes.js';
import type { BuiltinPhases } from '../../plugins/catalogue.js';

/** Options of phase 1, as a config has them. */
type Options = NonNullable<BuiltinPhases['cognate']>;

/** One way to learn, laid over the quickstart's options. A model that names an architecture takes the place of the whole. */
export interface Variant {
  readonly name: string;
  readonly options: Options;
}

const optimizer = (options: Record<string, unknown>): Options => ({ optimizer: { options } });
const hyperparameters = (values: Record<string, unknown>): Options => ({
  model: { hyperparameters: values },
});

/** The quickstart as it was before docs/learning-study.md, on the same data. */
const BEFORE: Options = {
  model: { hyperparameters: { shortConvolution: 0 } },
  optimizer: {
    options: { muonLr: 0.02, fallbackLr: 0.01, momentum: 0.9, newtonSchulzSteps: 3, lambda: 0.3 },
  },
  data: { trunkMix: { language: 0.5, math: 0.2, qa: 0.1, code: 0.1, commonsense: 0.1 } },
  training: { rows: 16, stages: [], schedule: 'cosine', floor: 0.1 },
};

/** Rows of half the length, twice as many, in the first half. */
const SHORT_FIRST = [
  { until: 0.5, rows: 16, length: 64, steps: 1 },
  { until: 0.75, steps: 1 },
];

/** The recursion of the size `1m`. */
const RECURSION = SIZES['1m'].recursion;

/** A plain decoder of 935,040 parameters. */
const LLAMA = {
  architecture: 'llama',
  size: '1m',
  hyperparameters: { contextLength: 256, keyValueHeads: 4 },
};

/** Beside the quickstart itself: what it was, and each of its choices changed alone. */
export const VARIANTS: readonly Variant[] = [
  { name: 'before', options: BEFORE },
  { name: 'quickstart', options: {} },
  { name: 'rates doubled', options: optimizer({ muonLr: 0.02, fallbackLr: 0.012 }) },
  { name: 'rates halved', options: optimizer({ muonLr: 0.005, fallbackLr: 0.003 }) },
  { name: 'momentum 0.9', options: optimizer({ momentum: 0.9 }) },
  { name: 'three Newton-Schulz steps', options: optimizer({ newtonSchulzSteps: 3 }) },
  { name: 'Grokfast', options: optimizer({ lambda: 0.3 }) },
  { name: 'AdamW', options: optimizer({ muon: false, fallbackLr: 0.004 }) },
  { name: '16 rows', options: { training: { rows: 16 } } },
  { name: 'short rows first', options: { training: { stages: SHORT_FIRST } } },
  { name: 'no short convolution', options: hyperparameters({ shortConvolution: 0 }) },
  { name: 'rank 128', options: hyperparameters({ embeddingRank: 128 }) },
  { name: 'no memory', options: hyperparameters({ memoryDecay: 1e-6 }) },
  { name: 'all steps always', options: { training: { stages: [] } } },
  { name: 'steps drawn', options: { training: { stages: [{ until: 0.75, steps: [1, 1, 3] }] } } },
  { name: 'one step always', options: hyperparameters({ recursion: { ...RECURSION, steps: 1 } }) },
  { name: 'llama', options: { model: LLAMA } },
  {
    name: 'llama, 4 rows of 256',
    options: {
      model: LLAMA,
      optimizer: { options: { weightDecay: 0.1 } },
      training: { rows: 4, length: 256, stages: [] },
    },
  },
];
