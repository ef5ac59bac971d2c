import { Type, type Static } from '@sinclair/typebox';
import {
  defineMutation,
  isCombination,
  type CombinationRecipe,
  type MutationInput,
  type StageRecipe,
} from '../../core/contracts/evolution.js';
import type { MergeParameter } from '../../core/contracts/merge.js';
import { withDefault } from '../../core/contracts/options.js';
import { originOf } from './shared/origin.js';

const Options = Type.Object(
  {
    weights: withDefault(
      Type.Number({
        minimum: 0,
        description: 'Standard deviation of the change of the logarithm of each weight.',
      }),
      0.3,
    ),
    parameters: withDefault(
      Type.Number({
        minimum: 0,
        description: 'Standard deviation of the change of a parameter, as a share of its range.',
      }),
      0.15,
    ),
    layers: withDefault(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'Chance of each layer of a layer map to come from another model.',
      }),
      0.25,
    ),
    layerMaps: withDefault(
      Type.Array(Type.String(), {
        description: 'Merges that take whole layers by an option `layers`, one index per layer.',
      }),
      ['franken'],
    ),
  },
  { additionalProperties: false },
);
type Options = Static<typeof Options>;

/** Jitters the weights and the numbers of a combination within their declared ranges. */
export const recipe = defineMutation({
  name: 'recipe',
  description: 'The same combination with other weights and merge parameters',
  options: Options,
  create: (options) => ({
    propose(input) {
      const origin = originOf(input, isCombination);
      if (origin === null) return null;
      const { random, strength } = input;
      const weights = origin.parameters.weights.map(
        (w) => w * Math.exp(options.weights * strength * random.normal()),
      );
      const total = weights.reduce((sum, w) => sum + w, 0);
      const parameters = {
        ...origin.parameters,
        weights: weights.map((w) => w / total),
        stages: origin.parameters.stages.map((stage) => jitterStage(stage, options, input, origin)),
      };
      return { ...origin, parameters, seed: input.seed };
    },
  }),
});

function jitterStage(
  stage: StageRecipe,
  options: Options,
  input: MutationInput,
  origin: CombinationRecipe,
): StageRecipe {
  const changed: Record<string, unknown> = { ...stage.options };
  for (const [name, parameter] of Object.entries(input.parametersOf(stage.merge))) {
    const value = jitter(parameter, stage.options[name], options.parameters * input.strength, input);
    if (value !== null) changed[name] = value;
  }
  if (options.layerMaps.includes(stage.merge))
    changed['layers'] = jitterLayers(stage, options, input, origin);
  return { ...stage, options: changed };
}

/** A number moved within its range; null for switches and for numbers without a range. */
function jitter(
  { default: value, minimum, maximum }: MergeParameter,
  set: unknown,
  share: number,
  { random }: MutationInput,
): number | null {
  const from = typeof set === 'number' ? set : value;
  if (typeof from !== 'number' || minimum === undefined || maximum === undefined) return null;
  const moved = from + share * (maximum - minimum) * random.normal();
  return Math.min(maximum, Math.max(minimum, moved));
}

/** Which model each layer comes from: 0 is the second stage's, the others the sources in order. */
function jitterLayers(
  stage: StageRecipe,
  options: Options,
  input: MutationInput,
  origin: CombinationRecipe,
): number[] {
  const donors = origin.sources.length + 1;
  const before = stage.options['layers'] as readonly number[] | undefined;
  return Array.from({ length: input.layers }, (_, layer) => {
    const current = before?.[layer] ?? PATTERN[layer % PATTERN.length]!;
    return input.random.uniform() < options.layers * input.strength ? input.random.integer(donors) : current;
  });
}

/** Where nothing is set: ABAC. */
const PATTERN = [0, 1, 0, 2];
