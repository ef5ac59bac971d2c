import { Type } from '@sinclair/typebox';
import { defineMerge, type MergeInput } from '../../core/contracts/merge.js';
import { ForgeError } from '../../core/errors/index.js';
import { stream } from '../../nn/random/index.js';
import { mergeMethod } from './shared/method.js';
import { optionsOf } from './shared/parameters.js';

const PARAMETERS = {};

const FIXED = {
  pattern: Type.Optional(
    Type.String({
      pattern: '^([A-Z]+|random)$',
      description:
        'Model of each layer, repeated: A is the first. "ABAC" unless given ("AB" of two models), or "random"',
    }),
  ),
  layers: Type.Optional(
    Type.Array(Type.Integer({ minimum: 0 }), {
      minItems: 1,
      description:
        'Index of the model of each layer instead of a pattern; layers beyond it come from the first',
    }),
  ),
  seed: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Seed of the random pattern; 0 unless given' }),
  ),
};

/** What decides the donor of a layer. */
interface LayerChoice {
  readonly pattern?: string | undefined;
  readonly layers?: readonly number[] | undefined;
  readonly seed?: number | undefined;
}

/**
 * FrankenMerge with the depth unchanged: every layer is taken whole from one model, everything outside the layers from
 * the first. The first model keeps at least half of the layers by default and at random.
 */
export const franken = defineMerge({
  name: 'franken',
  description: 'Whole layers from different models, by a pattern',
  options: optionsOf(PARAMETERS, FIXED),
  create: (options) =>
    mergeMethod({
      name: 'franken',
      arity: { min: 2, max: null },
      base: 'unused',
      parameters: PARAMETERS,
      options,
      elementwise: true,
      merge: (input) => input.models[donorOf(input, options)]!,
    }),
});

function donorOf({ name, layer, models }: MergeInput, choice: LayerChoice): number {
  if (layer === undefined) return 0;
  const donor = chosenDonor(layer, models.length, choice);
  if (donor < models.length) return donor;
  throw new ForgeError(
    'AF_MERGE_MODELS',
    `Layer ${layer} is to come from model ${donor + 1} of ${models.length}.`,
    {
      at: name,
      fix: 'Give more models, or name only those that there are in the pattern or the layers (the first is A, or 0).',
    },
  );
}

function chosenDonor(layer: number, models: number, { pattern, layers, seed = 0 }: LayerChoice): number {
  if (layers) return layers[layer] ?? 0;
  if (pattern === 'random') return randomDonor(layer, models, seed);
  const letters = pattern ?? (models === 2 ? 'AB' : 'ABAC');
  return letters.charCodeAt(layer % letters.length) - 'A'.charCodeAt(0);
}

/** One of every two layers is the first model's, the other anybody's. */
function randomDonor(layer: number, models: number, seed: number): number {
  const numbers = stream(seed, 'franken', Math.floor(layer / 2));
  const own = numbers.integer(2);
  const other = numbers.integer(models);
  return layer % 2 === own ? 0 : other;
}
