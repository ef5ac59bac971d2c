import type { BuiltinPhases } from '../../plugins/catalogue.js';

/** Options of phase 1, as a config has them. */
type Options = NonNullable<BuiltinPhases['cognate']>;

/** One way to learn, laid over the quickstart's options. */
export interface Variant {
  readonly name: string;
  readonly options: Options;
}

/** A third of the quickstart's rates. */
const LOW_RATES: Options = { optimizer: { options: { muonLr: 0.007, fallbackLr: 0.004 } } };

const ONE_STEP = { until: 1, steps: 1 } as const;

/** Beside the quickstart itself: its rates, recursion and the architecture, each changed alone and with lower rates. */
export const VARIANTS: readonly Variant[] = [
  { name: 'quickstart', options: {} },
  { name: 'low rates', options: LOW_RATES },
  {
    name: 'low rates, one recursion step until four fifths',
    options: { ...LOW_RATES, training: { stages: [{ ...ONE_STEP, until: 0.8 }] } },
  },
  {
    name: 'low rates, short convolution of 4',
    options: { ...LOW_RATES, model: { hyperparameters: { shortConvolution: 4 } } },
  },
  {
    name: 'low rates, one recursion step until four fifths, short convolution of 4',
    options: {
      ...LOW_RATES,
      model: { hyperparameters: { shortConvolution: 4 } },
      training: { stages: [{ ...ONE_STEP, until: 0.8 }] },
    },
  },
  { name: 'low rates, llama', options: { ...LOW_RATES, model: { architecture: 'llama' } } },
];
