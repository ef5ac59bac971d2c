import type { LayeredParameters } from '../../../../core/contracts/evolution.js';
import type { MergeParameter } from '../../../../core/contracts/merge.js';
import {
  askCmaEs,
  defaultPopulation,
  startCmaEs,
  tellCmaEs,
  type CmaEsState,
} from '../../../../nn/evolution/index.js';
import type { EvomergeOptions } from '../options.js';
import type { Proposer } from '../search/proposals.js';
import type { Strategy, Surroundings } from './strategy.js';

/** What is remembered between generations. */
interface Memory {
  readonly search: CmaEsState;
  /** Points of the present generation; null before the first. */
  readonly asked: readonly (readonly number[])[] | null;
}

/** Where the numbers of a point go. */
export interface Genome {
  readonly groups: readonly string[];
  readonly parents: number;
  /** Numbers of the merge that are searched, with their ranges. */
  readonly parameters: readonly (readonly [name: string, parameter: MergeParameter])[];
}

/**
 * CMA-ES over the weights of the parents in every group of layers, and over numbers of the merge where asked
 * (parameter-space search of Akiba et al. 2024). Weights are not bounded: the best merge may lie
 * beyond the parents.
 */
export function cmaEsStrategy(
  options: EvomergeOptions,
  proposer: Proposer,
  genome: Genome,
  saved: unknown,
): Strategy {
  const { merge, start, sigma, offspring } = options.cmaEs;
  let memory: Memory = (saved as Memory | null) ?? {
    search: startCmaEs(startPoint(genome, start), sigma),
    asked: null,
  };
  const count = offspring ?? defaultPopulation(memory.search.mean.length);
  const sources = proposer.parents.map(({ id }) => id);
  return {
    state: () => memory,
    next({ generation, population }: Surroundings) {
      const search =
        memory.asked === null ? memory.search : tellCmaEs(memory.search, bestFirst(memory.asked, population));
      const asked = askCmaEs(search, count, proposer.random(generation, 0, 'cma-es'));
      memory = { search, asked };
      return asked.map((point, slot) => {
        const parameters: LayeredParameters = { merge, options: {}, ...decode(point, genome) };
        return proposer.sample(
          { operation: 'layered', sources, parameters: { ...parameters } },
          generation,
          slot,
        );
      });
    },
  };
}

/** Points by the fitness of the individuals made from them; those that could not be made are last. */
function bestFirst(
  points: Memory['asked'] & object,
  population: Surroundings['population'],
): readonly (readonly number[])[] {
  const fitness = population.map((individual) =>
    individual.fallback === null ? individual.fitness : -Infinity,
  );
  const order = points.map((_, i) => i).sort((a, b) => fitness[b]! - fitness[a]! || a - b);
  return order.map((i) => points[i]!);
}

/** Weights first, group by group; then the parameters, group by group, as shares of their ranges. */
function startPoint({ groups, parents, parameters }: Genome, start: number | 'best-parent'): number[] {
  const shares = parameters.map(([, parameter]) => shareOf(parameter));
  // Parents come best first.
  const weights = Array.from({ length: parents }, (_, i) =>
    start === 'best-parent' ? (i === 0 ? 1 : 0) : start,
  );
  return [...groups.flatMap(() => weights), ...groups.flatMap(() => shares)];
}

export function decode(
  point: readonly number[],
  { groups, parents, parameters }: Genome,
): Pick<LayeredParameters, 'weights' | 'parameters'> {
  const numbers = point.slice(groups.length * parents);
  return {
    weights: Object.fromEntries(
      groups.map((group, g) => [group, point.slice(g * parents, (g + 1) * parents)]),
    ),
    parameters: Object.fromEntries(
      groups.map((group, g) => [
        group,
        Object.fromEntries(
          parameters.map(([name, parameter], p) => [
            name,
            valueOf(parameter, numbers[g * parameters.length + p]!),
          ]),
        ),
      ]),
    ),
  };
}

function shareOf({ default: value, minimum = 0, maximum = 1 }: MergeParameter): number {
  return typeof value === 'number' ? (value - minimum) / (maximum - minimum) : 0.5;
}

function valueOf({ minimum = 0, maximum = 1 }: MergeParameter, share: number): number {
  return minimum + Math.min(1, Math.max(0, share)) * (maximum - minimum);
}
