import { FITNESS, MUTATION } from '../../../core/contracts/evolution.js';
import { MERGE } from '../../../core/contracts/merge.js';
import { DATASET } from '../../../core/contracts/dataset.js';
import type { PhasePlan, PlanContext } from '../../../core/contracts/phase.js';
import type { Token } from '../../../core/contracts/token.js';
import { isForgeError, type Problem } from '../../../core/errors/index.js';
import type { EvomergeOptions } from './options.js';

/** Facts and problems of a run, without loading data or weights. What it needs depends on the models that come in. */
export function planEvomerge(context: PlanContext, options: EvomergeOptions): PhasePlan {
  const { stages, mutations, fitness, strategy, generations, population, evaluation } = options;
  const problems: Problem[] = [
    ...Object.entries(stages).flatMap(([stage, merges]) =>
      merges.flatMap((merge, bit) => known(context, MERGE, merge, `phases.evomerge.stages.${stage}[${bit}]`)),
    ),
    ...Object.keys(mutations).flatMap((name) =>
      known(context, MUTATION, name, `phases.evomerge.mutations.${name}`),
    ),
    ...Object.keys(fitness).flatMap((name) =>
      known(context, FITNESS, name, `phases.evomerge.fitness.${name}`),
    ),
    ...(evaluation.datasets ?? []).flatMap((name, i) =>
      known(context, DATASET, name, `phases.evomerge.evaluation.datasets[${i}]`),
    ),
    ...weightProblems(options),
    ...populationProblems(options),
    ...searchProblems(context, options),
  ];
  return {
    facts: {
      strategy,
      generations,
      population,
      merges: Object.values(stages).flat().join(', '),
      mutations: named(mutations),
      fitness: named(fitness),
      'tokens for selection': evaluation.selection,
      'tokens held back': evaluation.holdout,
    },
    memoryBytes: null,
    diskBytes: null,
    unknown: 'not known before the models are there',
    problems,
  };
}

/** A ForgeError becomes a problem, anything else is a defect and goes on. */
function known<T>(context: PlanContext, token: Token<T>, name: string, at: string): Problem[] {
  try {
    context.resolve(token, name);
    return [];
  } catch (error) {
    if (!isForgeError(error)) throw error;
    if (error.problems.length > 0) return [...error.problems];
    return [{ at, message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) }];
  }
}

function weightProblems({ mutations, fitness, strategy }: EvomergeOptions): Problem[] {
  const empty = (weights: Readonly<Record<string, number>>): boolean =>
    Object.values(weights).every((weight) => weight === 0);
  return [
    ...(empty(fitness)
      ? [{ at: 'phases.evomerge.fitness', message: 'no term counts', fix: 'give one a weight above 0' }]
      : []),
    ...(empty(mutations) && strategy !== 'cma-es'
      ? [
          {
            at: 'phases.evomerge.mutations',
            message: 'no mutation is ever drawn',
            fix: 'give one a weight above 0',
          },
        ]
      : []),
  ];
}

/** What is left after the elites' children must be merged from at least two losers each. */
function populationProblems({ population, elite, tournament, strategy }: EvomergeOptions): Problem[] {
  const kept = elite.count * elite.children;
  const merges = population - kept;
  if (strategy === 'elite' && (merges < 0 || (merges > 0 && population - elite.count < 2 * merges))) {
    return [
      {
        at: 'phases.evomerge.population',
        message: `the elites have ${kept} children, which leaves no room for merges of two losers or more`,
        expected: `${kept} to ${2 * kept - elite.count}`,
        found: String(population),
        fix: 'change population, elite.count or elite.children',
      },
    ];
  }
  if (strategy === 'tournament' && tournament.elite >= population) {
    return [
      {
        at: 'phases.evomerge.tournament.elite',
        message: 'the whole population is elite',
        expected: `below ${population}`,
        found: String(tournament.elite),
      },
    ];
  }
  return [];
}

/** Numbers of the merge that CMA-ES is to search must be declared with a range. */
function searchProblems(context: PlanContext, { cmaEs, strategy }: EvomergeOptions): Problem[] {
  if (strategy !== 'cma-es') return [];
  const at = 'phases.evomerge.cmaEs';
  const unknown = known(context, MERGE, cmaEs.merge, `${at}.merge`);
  if (unknown.length > 0) return unknown;
  const declared = context.resolve(MERGE, cmaEs.merge).parameters ?? {};
  return cmaEs.parameters.flatMap((name, i) => {
    const { minimum, maximum } = declared[name] ?? {};
    if (minimum !== undefined && maximum !== undefined) return [];
    return [
      {
        at: `${at}.parameters[${i}]`,
        message: `${cmaEs.merge} has no number of that name with a range`,
        found: name,
        expected: Object.keys(declared).join(', '),
      },
    ];
  });
}

function named(weights: Readonly<Record<string, number>>): string {
  return Object.entries(weights)
    .map(([name, weight]) => `${name} ${weight}`)
    .join(', ');
}
