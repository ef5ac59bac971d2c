import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MERGEKIT_METHODS, UNSUPPORTED_MERGEKIT_METHODS } from '../../tools/merge/mergekit/methods.js';
import { readRecipe } from '../../tools/merge/index.js';
import { recipeWorld } from '../tools/merge/support/world.js';

const text = readFileSync(join(process.cwd(), 'docs', 'merging.md'), 'utf8');
const recipes = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);

let made: Awaited<ReturnType<typeof recipeWorld>>;
beforeAll(async () => {
  made = await recipeWorld();
});
afterAll(() => made.dispose());

test.each(recipes.map((recipe, i) => [i + 1, recipe] as const))(
  'recipe %i of the document is one',
  async (_, recipe) => {
    expect(await readRecipe(recipe, 'docs/merging.md', made.world)).toHaveLength(1);
  },
);

test('the document names every method of mergekit that is there, and those that are not', () => {
  const [methods] = /^Methods: ([\s\S]*?)\n\n/m.exec(text)!;
  for (const name of MERGEKIT_METHODS.keys()) expect(methods).toContain(`\`${name}\``);
  const named = [...methods.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
  expect(named.filter((name) => UNSUPPORTED_MERGEKIT_METHODS.has(name))).toEqual([]);
});
