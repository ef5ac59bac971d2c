import { stringify } from 'yaml';
import { isForgeError, type ForgeError } from '../../../core/errors/index.js';
import { stream } from '../../../nn/random/index.js';
import { readRecipe, recipeFrom } from '../../../tools/merge/index.js';
import { mergeFixture } from './support/fixture.js';

/** Documents that are tried; by hand more: `AGENTFORGE_FUZZ_RECIPES=20000 npx jest test/tools/merge/mutated`. */
const DOCUMENTS = Number(process.env['AGENTFORGE_FUZZ_RECIPES'] ?? 1500);

const setup = mergeFixture();

async function refusalOf(document: unknown): Promise<ForgeError | null> {
  try {
    await readRecipe(stringify(document), 'recipe.yml', setup.world);
    return null;
  } catch (error) {
    if (!isForgeError(error)) throw new Error(JSON.stringify(document), { cause: error });
    return error;
  }
}

const PARAMETERS = { weight: [0.2, 1], density: [{ filter: 'mlp', value: 0.5 }, { value: 1 }] };
const ORIGINALS: readonly object[] = [
  {
    merge_method: 'ties',
    base_model: './base',
    models: [
      { model: './a', parameters: PARAMETERS },
      { model: './b', parameters: { weight: 1 } },
    ],
    parameters: { lambda: 0.7, int8_mask: true },
    dtype: 'float32',
    tokenizer_source: 'base',
  },
  {
    merge_method: 'slerp',
    base_model: './a',
    slices: [
      {
        sources: [
          { model: './a', layer_range: [0, 2] },
          { model: './b', layer_range: [0, 2] },
        ],
      },
      {
        sources: [
          { model: './a', layer_range: [2, 4] },
          { model: './b', layer_range: [2, 4] },
        ],
      },
    ],
    parameters: { t: [0, 1] },
  },
  {
    method: 'task-arithmetic',
    base: './base',
    models: ['./a', { model: './b', weight: 0.5, parameters: { weight: 0.1 } }],
    parameters: { lambda: 1 },
    options: { lambda: 0.5 },
    seed: 3,
  },
  {
    method: 'passthrough',
    slices: [{ sources: [{ model: './a', layers: [0, 1], weight: 1 }], parameters: {} }],
    dtype: 'bfloat16',
    tokenizer: 'base',
  },
];

const STRANGE: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e300, '', 'x', './a', [], {}, [null], [[]], [1, 2, 3], { a: 1 }],
  ...[{ model: 3 }, { value: [] }, [{ value: {} }], '__proto__', '\u{1f600}', 'x'.repeat(300)],
];

/** Keys and indices down to every value of a document, the document itself left out. */
function pathsOf(value: unknown, above: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const path = [...above, key];
    return [path, ...pathsOf(member, path)];
  });
}

/** One change somewhere: another value, a misspelt key, a missing one, one too many. */
function mutated(document: object, random: ReturnType<typeof stream>): object {
  const copy = structuredClone(document);
  const paths = pathsOf(copy);
  const path = paths[random.integer(paths.length)];
  if (path === undefined) return copy;
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], copy) as Record<
    string,
    unknown
  >;
  const key = path.at(-1)!;
  const value = parent[key];
  const strange = STRANGE[random.integer(STRANGE.length)];
  switch (random.integer(5)) {
    case 0:
      parent[key] = strange;
      break;
    case 1:
      Reflect.deleteProperty(parent, key);
      break;
    case 2:
      Reflect.deleteProperty(parent, key);
      parent[key.length > 1 ? key[1]! + key[0]! + key.slice(2) : `${key}s`] = value;
      break;
    case 3:
      parent[`${key}_more`] = strange;
      break;
    default:
      parent[key] = [value, strange];
  }
  return copy;
}

test('the recipes that are changed are good ones', async () => {
  for (const document of ORIGINALS) expect(await refusalOf(document)).toBeNull();
});

test('whatever a recipe looks like, it is read or refused with its problems', async () => {
  const random = stream(20, 'recipes');
  let refused = 0;
  for (let i = 0; i < DOCUMENTS; i++) {
    let document = ORIGINALS[i % ORIGINALS.length]!;
    for (let changes = 1 + random.integer(3); changes > 0; changes--) document = mutated(document, random);
    const error = await refusalOf(document);
    if (error === null) continue;
    refused++;
    expect(error.code).toBe('AF_MERGE_RECIPE');
    expect(error.problems.length).toBeGreaterThan(0);
  }
  expect(refused).toBeGreaterThan(DOCUMENTS / 2);
}, 600_000);

test.each<[string, object, string, string]>([
  ['model', { merge_method: 'linear', models: [{ modle: './a' }] }, 'models[0].modle', 'model'],
  ['model of ours', { method: 'linear', models: [{ modle: './a' }] }, 'models[0].modle', 'model'],
  [
    'layer_range',
    { merge_method: 'passthrough', slices: [{ sources: [{ model: './a', layers_range: [0, 1] }] }] },
    'slices[0].sources[0].layers_range',
    'layer_range',
  ],
  [
    'layers',
    { method: 'passthrough', slices: [{ sources: [{ model: './a', layer: [0, 1] }] }] },
    'slices[0].sources[0].layer',
    'layers',
  ],
  [
    'sources',
    { merge_method: 'passthrough', slices: [{ source: [{ model: './a', layer_range: [0, 1] }] }] },
    'slices[0].source',
    'sources',
  ],
  ['models', { merge_method: 'linear', modles: [{ model: './a' }] }, 'modles', 'models'],
])('a misspelt key is refused with the right one: %s', async (_key, document, at, suggestion) => {
  const error = await refusalOf(document);
  expect(error).toMatchObject({ code: 'AF_MERGE_RECIPE', exitCode: 2 });
  expect(error!.problems).toContainEqual(expect.objectContaining({ at, suggestion }));
});

test('a misspelt key does not hide what else is wrong', async () => {
  const document = {
    merge_method: 'liner',
    models: [{ modle: './a' }, { model: './b', paramters: { weight: 1 } }],
    dtype: 'float31',
  };
  const places = (await refusalOf(document))!.problems.map(({ at }) => at);
  expect(places).toEqual(
    expect.arrayContaining(['merge_method', 'models[0].modle', 'models[1].paramters', 'dtype']),
  );
});

test('a recipe from a module may be anything', async () => {
  const circle: Record<string, unknown> = { method: 'linear' };
  circle['models'] = [circle];
  for (const value of [
    undefined,
    null,
    3,
    'text',
    [],
    () => 0,
    new Map(),
    Symbol('x'),
    circle,
    { method: 5n },
  ]) {
    const reading = recipeFrom(value, 'recipe.ts', setup.world);
    await expect(reading).rejects.toMatchObject({ code: 'AF_MERGE_RECIPE' });
  }
});
