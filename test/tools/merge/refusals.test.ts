import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { defineMerge } from '../../../core/contracts/merge.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import type { ForgeError } from '../../../core/errors/index.js';
import { fullDisk } from '../../../testing/faulty-disk.js';
import { llamaShapes, randomTensors, temporaryFolder, writeCheckpoint } from './support/checkpoints.js';
import { mergeText, type MergeTestOptions } from './support/merge.js';
import { recipeWorld } from './support/world.js';

const failing = (name: string, merge: () => Float32Array) =>
  defineMerge({ name, create: () => ({ arity: { min: 1, max: null }, base: 'unused', merge }) });

const folder = temporaryFolder();
const tensors = randomTensors(llamaShapes(), 1);
let made: Awaited<ReturnType<typeof recipeWorld>>;
let cases = 0;

beforeAll(async () => {
  made = await recipeWorld([
    failing('too-short', () => new Float32Array(1))(),
    failing('not-finite', () => new Float32Array(24).fill(NaN))(),
    failing('throws', () => {
      throw new TypeError('out of luck');
    })(),
  ]);
  await writeCheckpoint(folder.join('a'), tensors);
  await writeCheckpoint(folder.join('b'), randomTensors(llamaShapes(), 2));
});
afterAll(async () => {
  folder.remove();
  await made.dispose();
});

const LINEAR = 'merge_method: linear\nmodels: [{model: ./a}, {model: ./b}]\nparameters: {weight: 1}\n';

/** Merge into a new folder and hand the error back; whatever went wrong, nothing may be left. */
async function refusal(text: string, options: Partial<MergeTestOptions> = {}): Promise<ForgeError> {
  const parent = folder.join(`case-${cases++}`);
  mkdirSync(parent);
  const output = options.output ?? `${parent}/out`;
  const error = await mergeText(text, made.world, { cwd: folder.path, ...options, output }).then(
    () => {
      throw new Error('it was merged');
    },
    (thrown: unknown) => thrown as ForgeError,
  );
  expect(readdirSync(parent)).toEqual([]);
  return error;
}

/** Both models in a folder of their own, the second one changed. */
async function withChanged(name: string, change: TensorDict, options = {}): Promise<string> {
  await writeCheckpoint(folder.join(name, 'a'), tensors);
  await writeCheckpoint(folder.join(name, 'b'), change, options);
  return folder.join(name);
}

describe('checkpoints that do not fit together', () => {
  const norm = 'model.norm.weight';

  test('another shape: tensor and both files are named', async () => {
    const cwd = await withChanged('shape', {
      ...tensors,
      [norm]: { shape: [5], dtype: 'float32', data: new Float32Array(5) },
    });
    const error = await refusal(LINEAR, { cwd });
    expect(error).toMatchObject({ code: 'AF_MERGE_CHECKPOINTS', exitCode: 2 });
    expect(error.problems).toMatchObject([
      {
        at: norm,
        source: `${cwd}/b/model.safetensors`,
        message: 'the shapes differ: [5] in ./b, [4] in ./a',
        expected: `[4], as in ${cwd}/a/model.safetensors`,
      },
    ]);
  });

  test('another element type, unless the recipe sets one', async () => {
    const cwd = await withChanged('dtype', tensors, { dtypes: { [norm]: 'F16' } });
    const error = await refusal(LINEAR, { cwd });
    expect(error.problems).toMatchObject([
      { at: norm, message: 'the element types differ: F16 in ./b, F32 in ./a' },
    ]);
    await mergeText(`${LINEAR}dtype: float32`, made.world, { cwd, output: folder.join('typed') });
  });

  test('missing tensors, on either side', async () => {
    const { [norm]: _one, ...without } = tensors;
    const more = {
      ...without,
      'model.extra.weight': { shape: [1], dtype: 'float32' as const, data: new Float32Array(1) },
    };
    const cwd = await withChanged('missing', more);
    const { problems } = await refusal(LINEAR, { cwd });
    expect(problems.map(({ at, source, message }) => ({ at, source, message }))).toEqual([
      {
        at: 'model.extra.weight',
        source: `${cwd}/a/model.safetensors`,
        message: 'the tensor is missing in ./a, ./b has it',
      },
      { at: norm, source: `${cwd}/b/model.safetensors`, message: 'the tensor is missing in ./b, ./a has it' },
    ]);
  });

  test('a base that lacks a tensor', async () => {
    const { [norm]: _one, ...without } = tensors;
    const cwd = await withChanged('base', without);
    const { problems } = await refusal(
      'merge_method: ties\nbase_model: ./b\nmodels: [{model: ./a}]\nparameters: {weight: 1}',
      { cwd },
    );
    expect(problems).toMatchObject([{ at: norm, message: 'the tensor is missing in ./b, ./a has it' }]);
  });

  test('hundreds of differences are counted, not listed', async () => {
    const cwd = await withChanged('wide', randomTensors(llamaShapes({ hidden: 6 }), 1));
    const { problems } = await refusal(LINEAR, { cwd });
    expect(problems).toHaveLength(9);
    expect(problems.at(-1)).toMatchObject({ at: '9 more' });
  });

  test('another number of layers is said once', async () => {
    const cwd = await withChanged('deep', randomTensors(llamaShapes({ layers: 3 }), 1));
    const { problems } = await refusal(LINEAR, { cwd });
    expect(problems).toMatchObject([{ at: './b', message: 'it has 3 layers, ./a has 2' }]);
  });

  test('element types that are not merged', async () => {
    await writeCheckpoint(
      folder.join('fp8', 'a'),
      { x: { shape: [4], dtype: 'bool', data: new Uint8Array(4) } },
      { dtypes: { x: 'F8_E4M3' } },
    );
    const { problems } = await refusal('merge_method: passthrough\nmodels: [{model: ./a}]', {
      cwd: folder.join('fp8'),
    });
    expect(problems).toMatchObject([{ at: 'x', message: 'elements of type F8_E4M3 cannot be merged' }]);
  });

  test('integers that differ', async () => {
    for (const [name, value] of [
      ['a', 1],
      ['b', 2],
    ] as const)
      await writeCheckpoint(folder.join('integers', name), {
        ids: { shape: [1], dtype: 'int32', data: Int32Array.of(value) },
      });
    const error = await refusal(LINEAR, { cwd: folder.join('integers') });
    expect(error).toMatchObject({
      code: 'AF_MERGE_VALUES',
      facts: { tensor: 'ids', file: folder.join('integers', 'b', 'model.safetensors') },
    });
  });

  test('models without tensors', async () => {
    await writeCheckpoint(folder.join('empty', 'a'), {});
    const error = await refusal('merge_method: passthrough\nmodels: [{model: ./a}]', {
      cwd: folder.join('empty'),
    });
    expect(error.problems[0]!.message).toBe('the models hold no tensors');
  });

  test('a parameter that no filter reaches', async () => {
    const { problems } = await refusal(
      'merge_method: linear\nmodels: [{model: ./a}, {model: ./b}]\nparameters: {weight: [{filter: mlp, value: 1}]}',
    );
    expect(problems[0]).toMatchObject({
      at: './a.model.embed_tokens.weight',
      source: 'recipe.yml',
      message: '"weight" is needed and no setting reaches this tensor',
    });
  });
});

describe('slices that cannot be', () => {
  const passthrough = (range: string): string =>
    `merge_method: passthrough\nslices: [{sources: [{model: ./a, layer_range: ${range}}]}]`;

  test('layers that a model does not have', async () => {
    const { problems } = await refusal(passthrough('[1, 3]'));
    expect(problems).toMatchObject([
      { at: 'slices[0].sources[0]', message: 'layers 1 to 3 are asked of ./a, which has 2' },
    ]);
  });

  test('a model without layers', async () => {
    await writeCheckpoint(folder.join('flat', 'a'), randomTensors(new Map([['weight', [2]]]), 1));
    const { problems } = await refusal(passthrough('[0, 1]'), { cwd: folder.join('flat') });
    expect(problems).toMatchObject([{ message: './a has no layers by name' }]);
  });

  test('a model with two lists of layers', async () => {
    const two = new Map([
      ['encoder.layers.0.w', [2]],
      ['decoder.layers.0.w', [2]],
    ]);
    await writeCheckpoint(folder.join('two', 'a'), randomTensors(two, 1));
    const { problems } = await refusal(passthrough('[0, 1]'), { cwd: folder.join('two') });
    expect(problems[0]!.message).toMatch(/^\.\/a has layers \w+\.layers, \w+\.layers$/);
  });
});

describe('folders that are no checkpoints', () => {
  const problemOf = async (
    prepare: (path: string) => void | Promise<void>,
  ): Promise<ForgeError['problems'][number]> => {
    const cwd = folder.join(`broken-${cases}`);
    mkdirSync(`${cwd}/a`, { recursive: true });
    await prepare(`${cwd}/a`);
    const error = await refusal('merge_method: passthrough\nmodels: [{model: ./a}]', { cwd });
    expect(error.code).toBe('AF_MERGE_CHECKPOINTS');
    return error.problems[0]!;
  };

  test('no folder at all, with a hint for names of a hub', async () => {
    const error = await refusal(
      'merge_method: linear\nmodels: [{model: ./nowhere}, {model: org/model-7b}]\nparameters: {weight: 1}',
    );
    expect(error.problems.map(({ at, message }) => `${at}: ${message}`)).toEqual([
      './nowhere: there is no such folder',
      'org/model-7b: there is no such folder',
    ]);
    expect(error.problems[1]!.fix).toMatch(/Nothing is downloaded/);
  });

  test('an empty folder', async () => {
    expect(await problemOf(() => undefined)).toMatchObject({ message: 'the folder holds no model' });
  });

  test('pickled weights are not read', async () => {
    const problem = await problemOf((path) => writeFileSync(`${path}/pytorch_model.bin`, 'x'));
    expect(problem.message).toMatch(/pickled/);
  });

  test('a truncated file', async () => {
    const problem = await problemOf(async (path) => {
      await writeCheckpoint(path, tensors);
      truncateSync(`${path}/model.safetensors`, statSync(`${path}/model.safetensors`).size - 10);
    });
    expect(problem.source).toMatch(/a\/model\.safetensors$/);
    expect(problem.message).toMatch(/tensor .* reach past the end/);
  });

  test('a truncated shard, and one that is gone', async () => {
    const truncated = await problemOf(async (path) => {
      await writeCheckpoint(path, tensors, { shards: 3 });
      truncateSync(`${path}/model-00002-of-00003.safetensors`, 100);
    });
    expect(truncated.source).toMatch(/model-00002-of-00003\.safetensors$/);
    const gone = await problemOf(async (path) => {
      await writeCheckpoint(path, tensors, { shards: 3 });
      writeFileSync(
        `${path}/model.safetensors.index.json`,
        JSON.stringify({ weight_map: { x: 'model-9.safetensors' } }),
      );
    });
    expect(gone.message).toMatch(/model-9|open the file/);
  });

  test.each(['{"weight_map": {"x": "../../secret.safetensors"}}', '{"weight_map": 3}', 'not json'])(
    'a hostile index: %s',
    async (index) => {
      const problem = await problemOf((path) => writeFileSync(`${path}/model.safetensors.index.json`, index));
      expect(problem.message).toMatch(/index/);
    },
  );

  test('a folder in the place of a file', async () => {
    const problem = await problemOf(async (path) => {
      await writeCheckpoint(path, tensors, { config: null });
      mkdirSync(`${path}/config.json`);
    });
    expect(problem.message).toMatch(/^It is not a regular file, it is a folder/);
  });

  test('a config that is no object', async () => {
    const problem = await problemOf(async (path) => {
      await writeCheckpoint(path, tensors);
      writeFileSync(`${path}/config.json`, '[1]');
    });
    expect(problem.message).toBe('config.json is not a JSON object');
  });
});

describe('values', () => {
  test.each([
    ['NaN', NaN],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
  ])('%s in a model: tensor, file and element are named', async (name, value) => {
    const bad = randomTensors(llamaShapes(), 2);
    bad['model.layers.1.mlp.up_proj.weight']!.data[7] = value;
    const cwd = await withChanged(`values-${name}`, bad, { shards: 2 });
    const error = await refusal(LINEAR, { cwd });
    expect(error).toMatchObject({
      code: 'AF_MERGE_VALUES',
      exitCode: 1,
      message: `Tensor "model.layers.1.mlp.up_proj.weight" of ./b holds ${name} (element 7).`,
      facts: { tensor: 'model.layers.1.mlp.up_proj.weight', element: 7 },
    });
    expect(error.at).toMatch(/b\/model-0000\d-of-00002\.safetensors$/);
  });

  test('a result beyond float16', async () => {
    const large = randomTensors(llamaShapes(), 2, 1e6);
    const cwd = await withChanged('large', large);
    const error = await refusal(`${LINEAR}dtype: float16`, { cwd });
    expect(error).toMatchObject({ code: 'AF_MERGE_METHOD' });
    expect(error.message).toMatch(/float16 ends at 65504/);
  });

  test.each([
    ['too-short', /gave 1 numbers instead of/],
    ['not-finite', /gave NaN at element 0|gave 24 numbers/],
    ['throws', /throws failed: out of luck/],
  ])('a technique that misbehaves: %s', async (method, message) => {
    const error = await refusal(`method: ${method}\nmodels: [./a]`);
    expect(error.code).toBe('AF_MERGE_METHOD');
    expect(error.message).toMatch(message);
  });

  test('what a technique refuses keeps its own code', async () => {
    const error = await refusal(
      'merge_method: linear\nmodels: [{model: ./a, parameters: {weight: 1}}, {model: ./b, parameters: {weight: -1}}]',
    );
    expect(error).toMatchObject({ code: 'AF_MERGE_WEIGHTS' });
  });
});

describe('tokenizers', () => {
  const vocabulary = (tokens: object): object => ({
    files: { 'tokenizer.json': JSON.stringify({ model: { vocab: tokens } }) },
  });
  const pair = async (name: string, b: object): Promise<string> => {
    await writeCheckpoint(folder.join(name, 'a'), tensors, vocabulary({ x: 0, y: 1 }));
    await writeCheckpoint(folder.join(name, 'b'), tensors, b);
    return folder.join(name);
  };

  test('that number tokens differently are refused where one is asked for, and warned of otherwise', async () => {
    const cwd = await pair('numbers', vocabulary({ x: 1, y: 0 }));
    for (const source of ['union', 'base', './b']) {
      const { problems } = await refusal(`${LINEAR}base_model: ./a\ntokenizer_source: ${source}`, { cwd });
      expect(problems[0]!.message).toMatch(
        /numbers tokens differently from .*, and embeddings are not reordered/,
      );
    }
    const report = await mergeText(LINEAR, made.world, { cwd, output: folder.join('numbered') });
    expect(report.warnings).toEqual([
      './b numbers tokens differently from ./a: the merged embeddings may mean nothing.',
    ]);
  });

  test('that are not there, or belong to nobody', async () => {
    const cwd = await pair('none', {});
    expect((await refusal(`${LINEAR}tokenizer_source: ./b`, { cwd })).problems[0]!.message).toMatch(
      /has none/,
    );
    expect((await refusal(`${LINEAR}tokenizer_source: ./c`, { cwd })).problems[0]!.message).toMatch(
      /\.\/c is not one of the models/,
    );
  });
});

describe('the output folder', () => {
  test('not empty, a file, an input, something else than a model', async () => {
    const kept = folder.join('kept');
    mkdirSync(kept);
    writeFileSync(`${kept}/thesis.txt`, 'years of work');
    writeFileSync(folder.join('file'), '');
    const tries: [string, boolean, RegExp][] = [
      [kept, false, /not empty/],
      [kept, true, /something else than a model/],
      [folder.join('file'), true, /is a file/],
      [folder.join('a'), true, /output folder is one that is read from/],
      [folder.path, true, /output folder is one that is read from/],
    ];
    for (const [output, force, message] of tries) {
      const error = await refusal(LINEAR, { output, execute: { force } });
      expect(error).toMatchObject({ code: 'AF_MERGE_OUTPUT', exitCode: 2 });
      expect(error.message).toMatch(message);
    }
    expect(readFileSync(`${kept}/thesis.txt`, 'utf8')).toBe('years of work');
  });

  test('not enough disk is seen before anything is written', async () => {
    const asked: string[] = [];
    const error = await refusal(LINEAR, {
      execute: {
        freeBytes: (path) => {
          asked.push(path);
          return Promise.resolve(1000);
        },
      },
    });
    expect(error).toMatchObject({ code: 'AF_STORAGE_FULL', facts: { free: 1000 } });
    expect(error.message).toMatch(/needs 64\.0 MB, and there are 0\.0 MB free; nothing was written/);
    expect(asked).toHaveLength(1);
  });

  test('a disk that fills up while writing', async () => {
    // Room for the first shard, and not for the second.
    const files = fullDisk(1500);
    const error = await refusal(LINEAR, { execute: { files }, plan: { maxShardBytes: 500 } });
    expect(error.code).toBe('AF_STORAGE_FULL');
  });
});

describe('a merge that is interrupted', () => {
  test('leaves nothing', async () => {
    const controller = new AbortController();
    let parts = 0;
    const error = await refusal(LINEAR, {
      execute: {
        signal: controller.signal,
        onProgress: () => {
          if (++parts === 3) controller.abort();
        },
      },
    });
    expect(error).toMatchObject({ code: 'AF_MERGE_INTERRUPTED' });
    expect(parts).toBe(3);
  });

  test('and what a killed one left is removed by the next', async () => {
    const parent = folder.join('killed');
    // The pid is beyond any that Linux gives out: its maker is dead.
    const { pidSpace, thisProcess } = await import('../../../storage/process-identity.js');
    const left = `${parent}/.tmp-${pidSpace(thisProcess())}-99999999-1-0123456789ab`;
    mkdirSync(left, { recursive: true });
    writeFileSync(`${left}/model.safetensors`, 'half');
    await mergeText(LINEAR, made.world, { cwd: folder.path, output: `${parent}/out` });
    expect(existsSync(left)).toBe(false);
    expect(readdirSync(parent)).toEqual(['out']);
  });

  test('in the middle of a chain', async () => {
    const controller = new AbortController();
    const chain = `name: one\n${LINEAR}---\nmerge_method: passthrough\nmodels: [{model: one}]\n`;
    const error = await refusal(chain, {
      execute: {
        signal: controller.signal,
        onProgress: ({ tensor }) => {
          if (tensor === 'lm_head.weight') controller.abort();
        },
      },
    });
    expect(error.code).toBe('AF_MERGE_INTERRUPTED');
  });
});

test('a checkpoint without config.json is merged with a warning', async () => {
  for (const name of ['a', 'b']) await writeCheckpoint(folder.join('bare', name), tensors, { config: null });
  const report = await mergeText(LINEAR, made.world, {
    cwd: folder.join('bare'),
    output: folder.join('bare-out'),
  });
  expect(report.warnings).toEqual(['./a has no config.json: the result gets none.']);
  expect(existsSync(folder.join('bare-out', 'config.json'))).toBe(false);
});
