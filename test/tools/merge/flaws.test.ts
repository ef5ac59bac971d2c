import { readRecipe, recipeFrom } from '../../../tools/merge/index.js';
import { mergeFixture } from './support/fixture.js';

const setup = mergeFixture();

test.each([
  ['method: linear\nmodels: [a, b]\nparameters: { __proto__: { weight: 1 } }\n', 'parameters.__proto__', 3],
  ['merge_method: linear\nconstructor: { dtype: float16 }\nmodels: [{ model: a }]\n', 'constructor', 2],
  ['method: linear\nmodels: &m [*m]\n', 'models[0]', 2],
  ['method: linear\nparameters: &p { weight: *p }\nmodels: [a, b]\n', 'parameters.weight', 2],
])('%j is refused', async (text, at, line) => {
  await expect(readRecipe(text, 'r.yml', setup.world)).rejects.toMatchObject({
    code: 'AF_MERGE_RECIPE',
    problems: [{ at, source: `r.yml:${line}` }],
  });
});

test('so is a module that gives such a recipe', async () => {
  const recipe: Record<string, unknown> = { method: 'linear', models: ['a', 'b'] };
  recipe['parameters'] = recipe;
  await expect(recipeFrom(recipe, 'r.ts', setup.world)).rejects.toMatchObject({
    code: 'AF_MERGE_RECIPE',
    problems: [{ at: 'parameters', message: 'contains itself' }],
  });
});

test('a byte order mark is skipped', async () => {
  expect(await readRecipe('\uFEFFmethod: linear\nmodels: [a, b]\n', 'r.yml', setup.world)).toHaveLength(1);
});
