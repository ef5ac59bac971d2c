import type { EvomergeOptions } from '../options.js';
import type { Proposer } from '../search/proposals.js';
import { cmaEsStrategy, type Genome } from './cma-es.js';
import { eliteStrategy } from './elite.js';
import type { Strategy } from './strategy.js';
import { tournamentStrategy } from './tournament.js';

export type { Strategy } from './strategy.js';
export type { Genome } from './cma-es.js';

/** @param saved what the strategy remembered at the last checkpoint; null at the start */
export function createStrategy(
  options: EvomergeOptions,
  proposer: Proposer,
  genome: Genome,
  saved: unknown,
): Strategy {
  switch (options.strategy) {
    case 'elite':
      return eliteStrategy(options, proposer);
    case 'tournament':
      return tournamentStrategy(options, proposer);
    case 'cma-es':
      return cmaEsStrategy(options, proposer, genome, saved);
  }
}

/** Whether a strategy can act on a population that becomes too uniform; CMA-ES adapts its own spread. */
export function canBeSteered(strategy: EvomergeOptions['strategy']): boolean {
  return strategy !== 'cma-es';
}
