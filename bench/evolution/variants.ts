import type { OptionsInput } from '../../core/contracts/options.js';
import type { EvomergeOptions } from '../../plugins/phases/evomerge/options.js';

/** A way to search, by what it changes of the phase's options. */
export interface Variant {
  readonly name: string;
  readonly options: OptionsInput<typeof EvomergeOptions>;
  /** Options of mutations by name. */
  readonly mutations?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const DOCUMENTED = { 'weight-noise': 0.5, recipe: 0.25, 'bit-flip': 0.25 };

/** The documented loop, what can be added to it, and the alternatives. */
export const VARIANTS: readonly Variant[] = [
  elite('weight noise', { 'weight-noise': 1 }),
  elite('weight noise, recipes', { 'weight-noise': 0.5, recipe: 0.5 }),
  elite('documented', DOCUMENTED),
  {
    ...elite('documented, no Fisher', DOCUMENTED),
    options: { strategy: 'elite', mutations: DOCUMENTED, importance: false },
  },
  coefficients('whole models', { sigma: 0, shared: 0.05 }),
  coefficients('sigma 0.025', { sigma: 0.025, shared: 0.0125 }),
  coefficients('sigma 0.05', { sigma: 0.05, shared: 0.025 }),
  coefficients('sigma 0.1', { sigma: 0.1, shared: 0.05 }),
  coefficients('sigma 0.2', { sigma: 0.2, shared: 0.1 }),
  {
    ...coefficients('sigma 0.1, seven children of one', { sigma: 0.1, shared: 0.05 }),
    options: { strategy: 'elite', mutations: { coefficients: 1 }, elite: { count: 1, children: 8 } },
  },
  {
    ...elite('documented, half of it coefficients', { ...DOCUMENTED, coefficients: 1 }),
    mutations: { coefficients: { sigma: 0.05, shared: 0.025 } },
  },
  { name: 'tournament: documented', options: { strategy: 'tournament', mutations: DOCUMENTED } },
  {
    name: 'tournament: coefficients, sigma 0.1',
    options: {
      strategy: 'tournament',
      mutations: { coefficients: 1 },
      tournament: { crossover: 0.1, mutation: 0.85 },
    },
    mutations: { coefficients: { sigma: 0.1, shared: 0.05 } },
  },
  cmaEs('documented, from 0.5 each', { start: 0.5, sigma: 1 / 6, offspring: null }),
  cmaEs('TIES and its density, from 0.5 each', {
    merge: 'ties',
    parameters: ['density'],
    start: 0.5,
    sigma: 1 / 6,
    offspring: null,
  }),
  cmaEs('from the mean, sigma 0.1', { start: 1 / 3, sigma: 0.1, offspring: null }),
  cmaEs('from the best parent, sigma 0.1', { start: 'best-parent', sigma: 0.1, offspring: null }),
  ...[0.05, 0.1, 0.2].map((sigma) =>
    cmaEs(`from the best parent, sigma ${sigma}, 8 offspring`, { start: 'best-parent', sigma, offspring: 8 }),
  ),
  cmaEs('from the best parent, sigma 0.1, 6 offspring', { start: 'best-parent', sigma: 0.1, offspring: 6 }),
];

function elite(name: string, mutations: Readonly<Record<string, number>>): Variant {
  return { name: `elite: ${name}`, options: { strategy: 'elite', mutations } };
}

function coefficients(name: string, settings: { sigma: number; shared: number }): Variant {
  return { ...elite(`coefficients, ${name}`, { coefficients: 1 }), mutations: { coefficients: settings } };
}

function cmaEs(name: string, settings: NonNullable<Variant['options']['cmaEs']>): Variant {
  return { name: `CMA-ES: ${name}`, options: { strategy: 'cma-es', cmaEs: settings } };
}
