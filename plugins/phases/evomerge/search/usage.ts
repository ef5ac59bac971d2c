import { isCombination } from '../../../../core/contracts/evolution.js';
import type { Child } from './breeder.js';
import { LABELS } from './proposals.js';

/** How often something was tried and how it went; JSON. */
export interface Tally {
  readonly tried: number;
  /** Valid and no worse than what it came from. */
  readonly good: number;
  readonly fitnessSum: number;
}

/** Tallies of combinations by label, of merges and mutations by name; JSON. */
export interface Usage {
  readonly combos: Readonly<Record<string, Tally>>;
  readonly techniques: Readonly<Record<string, Tally>>;
  readonly mutations: Readonly<Record<string, Tally>>;
}

const NONE: Tally = { tried: 0, good: 0, fitnessSum: 0 };

export const UNUSED: Usage = {
  combos: Object.fromEntries(LABELS.map((label) => [label, NONE])),
  techniques: {},
  mutations: {},
};

/** Count the children that were made (copies were not). */
export function countUsage(usage: Usage, children: readonly Child[]): Usage {
  return children.reduce((counted, child) => countChild(counted, child), usage);
}

function countChild(usage: Usage, { individual, proposal }: Child): Usage {
  if ('copy' in proposal) return usage;
  const valid = individual.fallback === null;
  const good = valid && proposal.of.every((source) => individual.fitness >= source.fitness);
  const add = (tallies: Usage['combos'], name: string): Usage['combos'] => {
    const { tried, good: wins, fitnessSum } = tallies[name] ?? NONE;
    const tally = {
      tried: tried + 1,
      good: wins + (good ? 1 : 0),
      fitnessSum: fitnessSum + individual.fitness,
    };
    return { ...tallies, [name]: tally };
  };
  const mutations =
    proposal.mutation === undefined ? usage.mutations : add(usage.mutations, proposal.mutation);
  if (!isCombination(proposal.recipe)) return { ...usage, mutations };
  const merges = proposal.recipe.parameters.stages.map(({ merge }) => merge);
  return {
    combos: add(usage.combos, proposal.recipe.parameters.bits),
    techniques: merges.reduce((tallies, merge) => add(tallies, merge), usage.techniques),
    mutations,
  };
}
