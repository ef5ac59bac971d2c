import { Type } from '@sinclair/typebox';
import { defineMerge } from '../../../core/contracts/merge.js';
import type { ForgeError } from '../../../core/errors/index.js';
import { readRecipe, recipeFrom } from '../../../tools/merge/index.js';
import { recipeWorld } from './support/world.js';

/** A technique of somebody else, with an option and a parameter that has to be set. */
const mine = defineMerge({
  name: 'my-merge',
  options: Type.Object({ shift: Type.Optional(Type.Number()) }, { additionalProperties: false }),
  create: ({ shift = 0 }) => ({
    arity: { min: 1, max: null },
    base: 'unused',
    parameters: { strength: { scope: 'merge', default: null, description: 'how much' } },
    merge: ({ models, parameters }) =>
      models[0]!.map((value) => value * Number(parameters['strength']) + shift),
  }),
});

let made: Awaited<ReturnType<typeof recipeWorld>>;
beforeAll(async () => {
  made = await recipeWorld([mine()]);
});
afterAll(() => made.dispose());

const read = (text: string) => readRecipe(text, 'recipe.yml', made.world);
const one = async (text: string) => (await read(text))[0]!.recipe;

async function problemsOf(text: string): Promise<ForgeError['problems']> {
  const error = await read(text).then(
    () => null,
    (thrown: unknown) => thrown as ForgeError,
  );
  expect(error).toMatchObject({ code: 'AF_MERGE_RECIPE' });
  return error!.problems;
}

describe("mergekit's YAML", () => {
  test('models, weights, a base beside them', async () => {
    const recipe = await one(`
merge_method: dare_ties
base_model: ./base
models:
  - model: ./base
  - model: ./a
    parameters: { weight: 0.5, density: [0.2, 0.8] }
  - model: ./b
    parameters: { weight: 0.3 }
parameters:
  lambda: 0.7
  int8_mask: true
dtype: float32
out_dtype: bfloat16
tokenizer_source: base
`);
    expect(recipe).toMatchObject({
      methodName: 'dare-ties',
      leader: './base',
      dtype: 'bfloat16',
      tokenizer: 'base',
      required: ['weight'],
      slices: [
        {
          base: { model: './base', layers: null },
          sources: [
            { model: './a', at: 'models[1]', parameters: { weight: 0.5, density: [0.2, 0.8] } },
            { model: './b' },
          ],
        },
      ],
    });
    expect(recipe.slices[0]!.sources).toHaveLength(2);
  });

  test('a base that is not listed is added, and first where a method is about two models', async () => {
    const [slerp, ties] = [
      await one('merge_method: slerp\nbase_model: ./b\nmodels: [{model: ./a}]\nparameters: {t: 0.2}'),
      await one(
        'merge_method: ties\nbase_model: ./base\nmodels: [{model: ./a}, {model: ./b}]\nparameters: {weight: 1}',
      ),
    ];
    expect(slerp.slices[0]!.sources.map(({ model }) => model)).toEqual(['./b', './a']);
    expect(slerp.slices[0]!.base).toBeNull();
    expect(ties.slices[0]!.base?.model).toBe('./base');
  });

  test('slices keep their layers; a base of its own for a slice', async () => {
    const recipe = await one(`
merge_method: slerp
slices:
  - sources:
      - { model: ./a, layer_range: [0, 4] }
      - { model: ./b, layer_range: [0, 4] }
    base_model: ./b
  - sources:
      - { model: ./a, layer_range: [2, 4], parameters: { weight: 2 } }
      - { model: ./b, layer_range: [4, 6] }
    parameters: { t: 0.9 }
base_model: ./a
parameters: { t: [0, 1] }
`);
    const sources = recipe.slices.map((slice) => slice.sources.map(({ model, layers }) => [model, layers]));
    expect(sources).toEqual([
      [
        ['./b', [0, 4]],
        ['./a', [0, 4]],
      ],
      [
        ['./a', [2, 4]],
        ['./b', [4, 6]],
      ],
    ]);
  });

  test.each([
    ['dare-ties', 'dare_ties'],
    ['task-arithmetic', 'task_arithmetic'],
    ['slrep', 'slerp'],
    ['my-marge', 'my-merge'],
  ])('the method %s is unknown: did you mean %s?', async (method, suggestion) => {
    const [problem] = await problemsOf(`merge_method: ${method}\nmodels: [{model: ./a}]`);
    expect(problem).toMatchObject({
      at: 'merge_method',
      source: 'recipe.yml:1',
      message: `there is no merge method "${method}"`,
      suggestion,
    });
  });

  test('a method of mergekit that is not here is refused by name, without a guess', async () => {
    const [problem] = await problemsOf('merge_method: ramplus_tl\nmodels: [{model: ./a}]');
    expect(problem).toMatchObject({ message: 'the method ramplus_tl is not supported' });
    expect(problem!.suggestion).toBeUndefined();
  });

  test("somebody else's technique is found by its plugin's name", async () => {
    const recipe = await one('merge_method: my-merge\nmodels: [{model: ./a}]\nparameters: {strength: 2}');
    expect(recipe.methodName).toBe('my-merge');
  });

  test('everything that is wrong is told at once, with its line', async () => {
    const problems = await problemsOf(`merge_method: ties
models:
  - model: ./a@main
    parameters: { wieght: 1, density: much }
  - model: ./b+adapter
    parametrs: { weight: 1 }
modules: {}
tokenizer: { source: base, tokens: { "<a>": {} } }
chat_template: auto
out_dtpe: float32
`);
    const found = problems.map(({ source, at, message }) => `${source?.split(':')[1]} ${at}: ${message}`);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^4 models\[0\]\.parameters\.density: /),
        '6 models[1].parametrs: unknown key "parametrs"',
        '10 out_dtpe: unknown key "out_dtpe"',
      ]),
    );
    expect(problems.find(({ at }) => at === 'out_dtpe')?.suggestion).toBe('out_dtype');
  });

  test('what is not supported is named', async () => {
    const problems = await problemsOf(`merge_method: ties
models:
  - model: ./a@main
  - model: ./b+adapter
base_model: ./base
modules: {}
tokenizer: { source: base, tokens: { "<a>": {} } }
chat_template: auto
parameters: { weight: 1 }
`);
    expect(problems.map(({ source, message }) => `${source} ${message}`)).toEqual([
      'recipe.yml:6 modules is not supported',
      'recipe.yml:8 chat_template is not supported',
      'recipe.yml:7 tokenizer (tokenizer.source, tokenizer.tokens) is not supported',
      'recipe.yml:3 the revision in "./a@main" is not supported',
      'recipe.yml:4 the LoRA adapter in "./b+adapter" is not supported',
    ]);
    expect(problems.every(({ fix }) => fix !== undefined && fix.length > 10)).toBe(true);
  });

  test.each([
    ['gate_mode: hidden\nbase_model: ./a\nexperts: [{source_model: ./b}]', /mixture-of-experts/],
    ['genome: {models: [./a]}\ntasks: []', /evolutionary search/],
    ['models: [{model: ./a}]', /names no merge method/],
    ['[1, 2]', /a recipe is an object/],
  ])('another kind of file: %s', async (text, message) => {
    expect((await problemsOf(text))[0]!.message).toMatch(message);
  });

  test('text that is not YAML, and no text at all', async () => {
    await expect(read('merge_method: [')).rejects.toMatchObject({
      code: 'AF_MERGE_RECIPE',
      at: 'recipe.yml:1',
    });
    await expect(read('# nothing\n')).rejects.toMatchObject({ code: 'AF_MERGE_RECIPE' });
    await expect(read('merge_method: ties\nmerge_method: linear\n')).rejects.toMatchObject({
      code: 'AF_MERGE_RECIPE',
      at: 'recipe.yml:2',
    });
  });

  test('anchors and merge keys are followed, but not without end', async () => {
    const recipe = await one(
      'merge_method: linear\nmodels:\n- &one { model: ./a, parameters: { weight: 2 } }\n- { <<: *one, model: ./b }\n',
    );
    expect(recipe.slices[0]!.sources.map(({ parameters }) => parameters)).toEqual([
      { weight: 2 },
      { weight: 2 },
    ]);
    const levels = Array.from(
      { length: 9 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`,
    );
    await expect(read(`l0: &l0 [x, x]\n${levels.join('\n')}\n`)).rejects.toMatchObject({
      code: 'AF_MERGE_RECIPE',
    });
  });

  test.each<[string, string, RegExp]>([
    ['no base', 'merge_method: ties\nmodels: [{model: ./a}]\nparameters: {weight: 1}', /needs a base model/],
    [
      'no base to start from',
      'merge_method: slerp\nmodels: [{model: ./a}, {model: ./b}]\nparameters: {t: 1}',
      /needs a base/,
    ],
    [
      'too many models',
      'merge_method: nuslerp\nmodels: [{model: ./a}, {model: ./b}, {model: ./c}]\nparameters: {weight: 1}',
      /merges exactly 2 models/,
    ],
    [
      'too few models',
      'merge_method: model_stock\nbase_model: ./base\nmodels: [{model: ./a}]',
      /merges 2 or more models besides the base, there are 1/,
    ],
    [
      'no weight',
      'merge_method: linear\nmodels: [{model: ./a}, {model: ./b, parameters: {weight: 1}}]',
      /needs "weight" for \.\/a/,
    ],
    ['no t', 'merge_method: slerp\nbase_model: ./a\nmodels: [{model: ./b}]', /needs "t"/],
    [
      'a parameter of the whole merge',
      'merge_method: ties\nbase_model: ./base\nmodels: [{model: ./a, parameters: {weight: 1, lambda: 2}}]',
      /holds for all models together/,
    ],
    [
      'an unknown parameter',
      'merge_method: linear\nmodels: [{model: ./a, parameters: {weight: 1}}]\nparameters: {normalise: true}',
      /no parameter "normalise"/,
    ],
    [
      'a number for a switch',
      'merge_method: linear\nmodels: [{model: ./a, parameters: {weight: 1}}]\nparameters: {normalize: 0.5}',
      /takes true or false/,
    ],
    [
      'a switch for a number',
      'merge_method: linear\nmodels: [{model: ./a, parameters: {weight: true}}]',
      /takes finite numbers/,
    ],
    [
      'both forms',
      'merge_method: linear\nmodels: [{model: ./a}]\nslices: [{sources: [{model: ./a, layer_range: [0, 1]}]}]\nparameters: {weight: 1}',
      /either models or slices/,
    ],
    [
      'uneven layers',
      'merge_method: slerp\nbase_model: ./a\nslices: [{sources: [{model: ./a, layer_range: [0, 2]}, {model: ./b, layer_range: [0, 3]}]}]\nparameters: {t: 0}',
      /different numbers of layers/,
    ],
    [
      'no layers',
      'merge_method: passthrough\nslices: [{sources: [{model: ./a, layer_range: [2, 2]}]}]',
      /are none/,
    ],
  ])('%s', async (_, text, message) => {
    const problems = await problemsOf(text);
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message);
  });
});

describe('several documents', () => {
  const chain = `
name: second
merge_method: linear
models: [{model: first, parameters: {weight: 1}}, {model: ./c, parameters: {weight: 1}}]
---
merge_method: slerp
base_model: second
models: [{model: first}]
parameters: {t: 0.5}
---
name: first
merge_method: linear
models: [{model: ./a, parameters: {weight: 1}}, {model: ./b, parameters: {weight: 1}}]
`;

  test('are put in the order in which they need each other', async () => {
    expect((await read(chain)).map(({ name }) => name)).toEqual(['first', 'second', null]);
  });

  test.each([
    ['two results', chain.replace('name: second\n', ''), /exactly one has no name/],
    ['one name twice', chain.replace('name: second', 'name: first'), /two documents have the name "first"/],
    ['a circle', chain.replace('model: ./a', 'model: second'), /in a circle: second, first/],
  ])('%s', async (_, text, message) => {
    expect((await problemsOf(text))[0]!.message).toMatch(message);
  });
});

describe("agentforge's own recipes", () => {
  test('the short form', async () => {
    const recipe = await one('method: ties\nbase: ./base\nmodels: [./a, {model: ./b, weight: 2}]\nseed: 3');
    expect(recipe).toMatchObject({ methodName: 'ties', leader: './base', seed: 3, dtype: null });
    expect(recipe.slices[0]!.sources).toMatchObject([
      { model: './a', parameters: {} },
      { parameters: { weight: 2 } },
    ]);
  });

  test("a plugin's name and mergekit's name mean the same technique", async () => {
    const names = await Promise.all(
      ['dare-ties', 'dare_ties'].map(
        async (method) => (await one(`method: ${method}\nbase: ./b\nmodels: [./a]`)).methodName,
      ),
    );
    expect(names).toEqual(['dare-ties', 'dare-ties']);
  });

  test('options of the technique are laid over the configured ones', async () => {
    const recipe = await one('method: ties\noptions: {density: 0.7}\nbase: ./base\nmodels: [./a]');
    expect(recipe.method.parameters!['density']!.default).toBe(0.7);
  });

  test('slices', async () => {
    const recipe = await one(
      'method: passthrough\nslices: [{sources: [{model: ./a, layers: [0, 2]}]}, {sources: [{model: ./b, layers: [1, 2], parameters: {scale: 2}}]}]',
    );
    expect(recipe.slices.map(({ sources }) => sources[0]!.layers)).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });

  test('an object, as a module exports it', async () => {
    const steps = await recipeFrom({ method: 'linear', models: ['./a', './b'] }, 'recipe.ts', made.world);
    expect(steps[0]!.recipe.origin).toMatchObject({ format: 'agentforge', file: 'recipe.ts' });
    expect(steps[0]!.recipe.origin.text).toContain('method: linear');
  });

  test.each<[string, string, RegExp]>([
    ['a mistyped method', 'method: tise\nmodels: [./a]', /no merge method "tise"/],
    ['a mistyped key', 'method: ties\nbass: ./b\nmodels: [./a]', /unknown key "bass"/],
    ['wrong options', 'method: ties\noptions: {density: 7}\nbase: ./b\nmodels: [./a]', /density/],
    ['a base for nothing', 'method: linear\nbase: ./b\nmodels: [./a]', /uses no base/],
    ['a missing parameter', 'method: my-merge\nmodels: [./a]', /needs "strength"/],
    ['neither form', 'method: linear', /either models or slices/],
    ['a strange dtype', 'method: linear\nmodels: [./a]\ndtype: int8', /none of the allowed values/],
  ])('%s', async (_, text, message) => {
    expect((await problemsOf(text)).map((problem) => problem.message).join('\n')).toMatch(message);
  });
});
