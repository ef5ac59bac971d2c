import { isDeepStrictEqual } from 'node:util';
import { DATASET } from '../../../core/contracts/dataset.js';
import { FITNESS, MUTATION } from '../../../core/contracts/evolution.js';
import { MERGE } from '../../../core/contracts/merge.js';
import type { PhasePlan, PlanContext } from '../../../core/contracts/phase.js';
import type { Problem } from '../../../core/errors/index.js';
import { PlanProblems } from '../shared/plan.js';
import { EvomergeOptions } from './options.js';

/** Config path of the phase, for messages. */
const AT = 'phases.evomerge';

/** Facts and problems of a run, without loading data or weights. What it needs depends on the models that come in. */
export async function planEvomerge(context: PlanContext, options: EvomergeOptions): Promise<PhasePlan> {
  const { stages, mutations, fitness, strategy, generations, population, evaluation } = options;
  const problems = new PlanProblems();
  for (const [stage, merges] of Object.entries(stages))
    for (const [bit, merge] of merges.entries())
      await problems.known(context, MERGE, merge, `${AT}.stages.${stage}[${bit}]`);
  for (const name of Object.keys(mutations))
    await problems.known(context, MUTATION, name, `${AT}.mutations.${name}`);
  for (const name of Object.keys(fitness))
    await problems.known(context, FITNESS, name, `${AT}.fitness.${name}`);
  for (const [i, name] of (evaluation.datasets ?? []).entries())
    await problems.known(context, DATASET, name, `${AT}.evaluation.datasets[${i}]`);
  problems.add(...weightProblems(options), ...populationProblems(options));
  if (strategy === 'cma-es') await addSearchProblems(problems, context, options);
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
    problems: problems.all,
    warnings: unusedOptions(options),
  };
}

/** What was set and has no effect with the strategy, said before anybody waits for it. */
function unusedOptions({ strategy, mutations }: EvomergeOptions): string[] {
  const standard: unknown = EvomergeOptions.properties.mutations.default;
  if (strategy !== 'cma-es' || isDeepStrictEqual({ ...mutations }, standard)) return [];
  return ["mutations are set, but the strategy cma-es draws none: set strategy to 'elite' or 'tournament'"];
}

function weightProblems({ mutations, fitness, strategy }: EvomergeOptions): Problem[] {
  const empty = (weights: Readonly<Record<string, number>>): boolean =>
    Object.values(weights).every((weight) => weight === 0);
  return [
    ...(empty(fitness)
      ? [{ at: `${AT}.fitness`, message: 'no term counts', fix: 'give one a weight above 0' }]
      : []),
    ...(empty(mutations) && strategy !== 'cma-es'
      ? [
          {
            at: `${AT}.mutations`,
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
        at: `${AT}.population`,
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
        at: `${AT}.tournament.elite`,
        message: 'the whole population is elite',
        expected: `below ${population}`,
        found: String(tournament.elite),
      },
    ];
  }
  return [];
}

/** Numbers of the merge that CMA-ES is to search must be declared with a range. */
async function addSearchProblems(
  problems: PlanProblems,
  context: PlanContext,
  { cmaEs }: EvomergeOptions,
): Promise<void> {
  const at = `${AT}.cmaEs`;
  const method = await problems.known(context, MERGE, cmaEs.merge, `${at}.merge`);
  if (method === null) return;
  const declared = method.parameters ?? {};
  for (const [i, name] of cmaEs.parameters.entries()) {
    const { minimum, maximum } = declared[name] ?? {};
    if (minimum !== undefined && maximum !== undefined) continue;
    problems.add({
      at: `${at}.parameters[${i}]`,
      message: `${cmaEs.merge} has no number of that name with a range`,
      found: name,
      expected: Object.keys(declared).join(', '),
    });
  }
}

function named(weights: Readonly<Record<string, number>>): string {
  return Object.entries(weights)
    .map(([name, weight]) => `${name} ${weight}`)
    .join(', ');
}
