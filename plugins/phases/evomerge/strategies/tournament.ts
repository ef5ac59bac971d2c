import type { RandomStream } from '../../../../core/contracts/merge.js';
import { ranked, type Individual } from '../individuals/individual.js';
import type { EvomergeOptions } from '../options.js';
import { LABELS, type Proposal, type Proposer } from '../search/proposals.js';
import type { Strategy, Surroundings } from './strategy.js';

/** Models that a crossover combines. */
const CROSSED = 3;
/** Tournaments held to find winners that differ. */
const ATTEMPTS = 50;

/** Tournament selection: winners are combined, mutated or kept. */
export function tournamentStrategy(options: EvomergeOptions, proposer: Proposer): Strategy {
  const { elite, crossover, mutation } = options.tournament;
  return {
    state: () => null,
    next({ generation, population, control }: Surroundings): Proposal[] {
      const best = ranked(population).slice(0, elite);
      const proposals: Proposal[] = best.map((copy) => ({ copy }));
      while (proposals.length < options.population)
        proposals.push(child(generation, proposals.length, population, control.strength));
      if (!control.reseed) return proposals;
      return proposals.map((proposal, slot) =>
        slot < proposals.length - 2 ? proposal : proposer.reseed(generation, slot),
      );
    },
  };

  function child(
    generation: number,
    slot: number,
    population: readonly Individual[],
    strength: number,
  ): Proposal {
    const random = proposer.random(generation, slot, 'tournament');
    const kind = random.uniform();
    const winners = tournaments(population, random, kind < crossover ? CROSSED : 1, options.tournament.size);
    if (kind < crossover && winners.length > 1) {
      const bits = LABELS[random.integer(LABELS.length)]!;
      return proposer.combination(generation, slot, bits, ranked(winners), { origin: 'merge' });
    }
    const winner = winners[0]!;
    return kind < crossover + mutation
      ? proposer.mutant(generation, slot, winner, strength)
      : { copy: winner };
  }
}

/** Winners of tournaments, no individual twice; fewer where the population has fewer. */
function tournaments(
  population: readonly Individual[],
  random: RandomStream,
  count: number,
  size: number,
): Individual[] {
  const winners: Individual[] = [];
  for (let attempt = 0; winners.length < count && attempt < ATTEMPTS; attempt++) {
    const drawn = Array.from({ length: size }, () => population[random.integer(population.length)]!);
    const winner = ranked(drawn)[0]!;
    if (!winners.some(({ id }) => id === winner.id)) winners.push(winner);
  }
  return winners;
}
