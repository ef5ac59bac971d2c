import { stringify } from 'yaml';
import { readRecipe } from '../../../tools/merge/index.js';
import { recipeWorld } from '../../tools/merge/support/world.js';
import type { CounterStream } from '../../../nn/random/index.js';
import type { DocumentKind } from '../kind.js';
import { mutateBytes, mutateJson, pick } from '../mutate.js';

const RECIPES: readonly unknown[] = [
  {
    method: 'slerp',
    models: [{ model: './a', weight: 1 }, './b'],
    parameters: { t: 0.5 },
    output: { dtype: 'bfloat16' },
  },
  {
    merge_method: 'ties',
    base_model: './base',
    dtype: 'bfloat16',
    models: [
      { model: './a', parameters: { weight: 0.5, density: [0.2, 0.8] } },
      { model: './b', parameters: { weight: [{ filter: 'mlp', value: 0.3 }, { value: 0.7 }] } },
    ],
    parameters: { normalize: true },
  },
  {
    merge_method: 'passthrough',
    slices: [
      { sources: [{ model: './a', layer_range: [0, 2] }] },
      { sources: [{ model: './b', layer_range: [1, 3] }] },
    ],
    tokenizer_source: 'base',
  },
];

/** Merge recipes, ours and mergekit's: a key that is not known or a list or record where a scalar belongs is refused. */
export const recipe: DocumentKind = {
  name: 'recipe',
  open: async () => {
    const { world } = await recipeWorld();
    return async (random) => {
      const { document, flaw } = mutateJson(pick(RECIPES, random), random, isStrict);
      const text = textOf(document, random);
      const isBroken = random.uniform() < 0.3;
      const bytes = isBroken ? mutateBytes(Buffer.from(text), random) : Buffer.from(text);
      return {
        bytes,
        read: () => readRecipe(new TextDecoder().decode(bytes), 'recipe.yml', world),
        whyWrong: () => (isBroken ? null : flaw),
      };
    };
  },
};

/** A list or record of values is how parameters change by layer or tensor. */
function isStrict(path: string): boolean {
  return !/(weight|density|normalize|\bt|value|filter)$/.test(path);
}

function textOf(document: unknown, random: CounterStream): string {
  return random.uniform() < 0.5 ? JSON.stringify(document) : stringify(document);
}
