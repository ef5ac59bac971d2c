import { Type } from '@sinclair/typebox';
import {
  defineMutation,
  isLayered,
  type LayeredParameters,
  type MutationInput,
  type Recipe,
} from '../../core/contracts/evolution.js';
import { withDefault } from '../../core/contracts/options.js';

const MERGE = 'task-arithmetic';

const Options = Type.Object(
  {
    sigma: withDefault(
      Type.Number({ minimum: 0, description: 'Standard deviation of the step of each coefficient.' }),
      0.05,
    ),
    rate: withDefault(
      Type.Number({ minimum: 0, maximum: 1, description: 'Share of the coefficients that move.' }),
      0.5,
    ),
    shared: withDefault(
      Type.Number({
        minimum: 0,
        description: 'Standard deviation of a step that all groups of a model share.',
      }),
      0.025,
    ),
  },
  { additionalProperties: false },
);

/**
 * Moves an individual along the parents' task vectors, each group of layers by steps of its own:
 * theta + sum_i c_ig (theta_i - theta_0). The coefficients may leave the convex hull of the parents. An individual that
 * came about in this way keeps its origin and gets new coefficients, so that lineages stay short.
 */
export const coefficients = defineMutation({
  name: 'coefficients',
  description: "Steps along the parents' task vectors, by group of layers",
  options: Options,
  create: ({ sigma, rate, shared }) => ({
    propose(input): Recipe {
      const start = startOf(input);
      const { random, strength, groups, parents } = input;
      const offset = start.sources.length - parents.length;
      const common = parents.map(() => shared * strength * random.normal());
      const step = (): number => (random.uniform() < rate ? sigma * strength * random.normal() : 0);
      const weights = Object.fromEntries(
        groups.map((group) => [
          group,
          start.weights[group]!.map((weight, i) =>
            i < offset ? weight : weight + common[i - offset]! + step(),
          ),
        ]),
      );
      const parameters: LayeredParameters = { merge: MERGE, options: {}, weights, parameters: {} };
      return {
        operation: 'layered',
        sources: start.sources,
        parameters: { ...parameters },
        seed: input.seed,
      };
    },
  }),
});

interface Start {
  readonly sources: readonly string[];
  readonly weights: LayeredParameters['weights'];
}

/** Sources and coefficients to go on from: the individual itself counts 1 and the task vectors 0 unless it has some. */
function startOf(input: MutationInput): Start {
  const { id, recipe, parents, groups } = input;
  const same = (sources: readonly string[]): boolean =>
    sources.length >= parents.length &&
    parents.every((parent, i) => sources[sources.length - parents.length + i] === parent);
  if (
    isLayered(recipe) &&
    recipe.parameters.merge === MERGE &&
    same(recipe.sources) &&
    recipe.sources.every((source) => input.available(source))
  ) {
    return { sources: recipe.sources, weights: recipe.parameters.weights };
  }
  return {
    sources: [id, ...parents],
    weights: Object.fromEntries(groups.map((group) => [group, [1, ...parents.map(() => 0)]])),
  };
}
