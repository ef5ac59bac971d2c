import type { OptionsInput } from '../../contracts/options.js';
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
  { name: 'elite, weight noise', options: { strategy: 'elite', mutations: { 'weight-noise': 1 } } },
  {
    name: 'elite, + recipe',
    options: { strategy: 'elite', mutations: { 'weight-noise': 0.5, recipe: 0.5 } },
  },
  { name: 'elite, + recipe + bit flip', options: { strategy: 'elite', mutations: DOCUMENTED } },
  {
    name: 'elite, the same without Fisher',
    options: { strategy: 'elite', mutations: DOCUMENTED, importance: false },
  },
  coefficients(0.05),
  coefficients(0.1),
  coefficients(0.2),
  {
    name: 'elite, coefficients, sigma 0.1, one parent of seven',
    options: { strategy: 'elite', mutations: { coefficients: 1 }, elite: { count: 1, children: 8 } },
    mutations: { coefficients: { sigma: 0.1, shared: 0.05 } },
  },
  { name: 'tournament, documented', options: { strategy: 'tournament', mutations: DOCUMENTED } },
  {
    name: 'tournament, mostly coefficients',
    options: {
      strategy: 'tournament',
      mutations: { coefficients: 1 },
      tournament: { crossover: 0.1, mutation: 0.85 },
    },
    mutations: { coefficients: { sigma: 0.1, shared: 0.05 } },
  },
  cmaEs('CMA-ES from 0.5 each, documented', {}),
  cmaEs('CMA-ES from the mean', { start: 1 / 3, sigma: 0.1 }),
  cmaEs('CMA-ES from the best parent', { start: 'best-parent', sigma: 0.1 }),
  cmaEs('CMA-ES from the best parent, 8 offspring, sigma 0.1', {
    start: 'best-parent',
    sigma: 0.1,
    offspring: 8,
  }),
  cmaEs('CMA-ES from the best parent, 8 offspring, sigma 0.2', {
    start: 'best-parent',
    sigma: 0.2,
    offspring: 8,
  }),
  cmaEs('CMA-ES, TIES with density', { merge: 'ties', parameters: ['density'] }),
];

function coefficients(sigma: number): Variant {
  return {
    name: `elite, coefficients, sigma ${sigma}`,
    options: { strategy: 'elite', mutations: { coefficients: 1 } },
    mutations: { coefficients: { sigma, shared: sigma / 2 } },
  };
}

function cmaEs(name: string, settings: NonNullable<Variant['options']['cmaEs']>): Variant {
  return { name, options: { strategy: 'cma-es', cmaEs: settings } };
}
