import { UNUSED, type Usage } from './usage.js';
import { HEALTHY, type Control } from './diversity.js';
import type { Individual } from '../individuals/individual.js';

/** What a generation was like; JSON. */
export interface GenerationRecord {
  readonly generation: number;
  readonly best: number;
  readonly average: number;
  readonly minimum: number;
  readonly deviation: number;
  /** Mean pairwise distance over that of the parents. */
  readonly diversity: number;
  /** Mean pairwise cosine distance. */
  readonly cosine: number;
  /** Distinct individuals. */
  readonly unique: number;
  /** Children that a mutation made. */
  readonly mutated: number;
  /** Fitness of the best individual so far. */
  readonly champion: number;
  /** Label of the combination that its best individual goes back to. */
  readonly bestBits: string | null;
}

/** Where the search stands between two generations; JSON, saved with every checkpoint. */
export interface SearchState {
  /** Generations made after generation 0. */
  readonly generation: number;
  readonly population: readonly Individual[];
  readonly champion: Individual;
  /** Best first. */
  readonly parents: readonly Individual[];
  /** Best of the combinations of generation 0, and all of them by label. */
  readonly initial: Individual;
  readonly initialByLabel: Readonly<Record<string, { readonly id: string; readonly fitness: number }>>;
  readonly history: readonly GenerationRecord[];
  readonly control: Control;
  readonly usage: Usage;
  /** What the strategy remembers. */
  readonly strategy: unknown;
  /** Loss of the mean of each pair of parents above the worse of the two, nats. */
  readonly barriers: readonly number[];
  /** Most models in memory at one time. */
  readonly peakHeld: number;
  /** Seconds of search before this process. */
  readonly seconds: number;
  /** Why the search is over; null while it is not. */
  readonly ended: 'generations' | 'converged' | 'evaluations' | null;
}

export const SEARCH_START = {
  generation: 0,
  control: HEALTHY,
  usage: UNUSED,
  strategy: null,
  ended: null,
} as const;

/** The best individual among the champion so far and a generation; an equal newcomer does not take its place. */
export function championOf(champion: Individual, generation: readonly Individual[]): Individual {
  return generation.reduce((best, each) => (each.fitness > best.fitness ? each : best), champion);
}

/** Numbers of one generation. */
export function recordOf(
  generation: number,
  population: readonly Individual[],
  champion: Individual,
  facts: Pick<GenerationRecord, 'diversity' | 'cosine' | 'mutated'>,
): GenerationRecord {
  const fitness = population.map((individual) => individual.fitness);
  const average = fitness.reduce((sum, value) => sum + value, 0) / fitness.length;
  const best = Math.max(...fitness);
  return {
    generation,
    best,
    average,
    minimum: Math.min(...fitness),
    deviation: Math.sqrt(fitness.reduce((sum, value) => sum + (value - average) ** 2, 0) / fitness.length),
    ...facts,
    unique: new Set(population.map(({ id }) => id)).size,
    champion: champion.fitness,
    bestBits: population[fitness.indexOf(best)]!.bits,
  };
}

/** Relative gain of the best fitness over the last `window` generations; null before there are as many. */
export function recentGain(history: readonly GenerationRecord[], window: number): number | null {
  const [now, before] = [history.at(-1), history.at(-1 - window)];
  return now === undefined || before === undefined
    ? null
    : (now.champion - before.champion) / Math.abs(before.champion);
}
