import { ranked, type Individual } from '../individuals/individual.js';
import type { EvomergeOptions } from '../options.js';
import { LABELS, type Proposal, type Proposer } from '../search/proposals.js';
import type { Strategy, Surroundings } from './strategy.js';

/** Individuals that are replaced when diversity is lost. */
const RESEEDED = 2;

/**
 * The documented loop with true elitism: each elite keeps its place and has mutated children; the losers are merged in
 * groups by random combinations. A parent that no merge has beaten yet is an elite too.
 */
export function eliteStrategy(options: EvomergeOptions, proposer: Proposer): Strategy {
  const { count, children } = options.elite;
  return {
    state: () => null,
    next({ generation, population, champion, control }: Surroundings): Proposal[] {
      const order = ranked(population);
      const elites = distinct([champion, ...order]).slice(0, count);
      const proposals: Proposal[] = [];
      for (const elite of elites) {
        proposals.push({ copy: elite });
        for (let child = 1; child < children; child++) {
          proposals.push(proposer.mutant(generation, proposals.length, elite, control.strength));
        }
      }
      const losers = order.filter(({ id }) => !elites.some((elite) => elite.id === id));
      proposals.push(
        ...mergeLosers(proposer, generation, losers, proposals.length, options.population - proposals.length),
      );
      if (!control.reseed) return proposals;
      return proposals.map((proposal, slot) =>
        slot < proposals.length - RESEEDED ? proposal : proposer.reseed(generation, slot),
      );
    },
  };
}

function distinct(individuals: readonly Individual[]): Individual[] {
  return individuals.filter(({ id }, i) => individuals.findIndex((other) => other.id === id) === i);
}

/** Losers in random groups of equal size, each merged into one by a random combination. */
function mergeLosers(
  proposer: Proposer,
  generation: number,
  losers: readonly Individual[],
  firstSlot: number,
  merges: number,
): Proposal[] {
  const random = proposer.random(generation, firstSlot, 'losers');
  const shuffled = [...random.permutation(losers.length)].map((i) => losers[i]!);
  const size = Math.floor(losers.length / merges);
  return Array.from({ length: merges }, (_, group) => {
    const bits = LABELS[random.integer(LABELS.length)]!;
    const members = ranked(shuffled.slice(group * size, (group + 1) * size));
    return proposer.combination(generation, firstSlot + group, bits, members, { origin: 'merge' });
  });
}
