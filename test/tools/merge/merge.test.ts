import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { mergeRecipe, readRecipe, type MergeProgress } from '../../../tools/merge/index.js';
import { hashFile } from '../../../storage/hashing.js';
import { fromBfloat16, toBfloat16 } from '../../../core/contracts/half.js';
import { openSafetensors } from '../../../storage/safetensors/index.js';
import {
  largestDifference,
  llamaConfig,
  llamaShapes,
  randomTensors,
  readCheckpoint,
  writeCheckpoint,
} from './support/checkpoints.js';
import { mergeFixture } from './support/fixture.js';
import { mergeText } from './support/merge.js';

const setup = mergeFixture();
const { folder } = setup;
const shapes = llamaShapes({ layers: 3 });
const tensors = { a: randomTensors(shapes, 1), b: randomTensors(shapes, 2), c: randomTensors(shapes, 3) };
let outputs = 0;

beforeAll(async () => {
  for (const [name, each] of Object.entries(tensors))
    await writeCheckpoint(folder.join(name), each, { config: llamaConfig(3) });
});
const merge = async (text: string, options: Partial<Parameters<typeof mergeText>[2]> = {}) => {
  const output = options.output ?? folder.join(`out-${outputs++}`);
  const report = await mergeText(text, setup.world, { cwd: folder.path, ...options, output });
  return { output, report };
};
const LINEAR =
  'merge_method: linear\nmodels: [{model: ./a, parameters: {weight: 3}}, {model: ./b, parameters: {weight: 1}}]\n';
const TIES =
  'merge_method: ties\nbase_model: ./c\nmodels: [{model: ./a}, {model: ./b}]\nparameters: {weight: 1, density: 0.5}\n';

describe('the weights', () => {
  test('are what the definition says', async () => {
    const { output, report } = await merge(LINEAR);
    const merged = await readCheckpoint(output);
    for (const [name, { data }] of Object.entries(merged)) {
      const [a, b] = [tensors.a[name]!.data, tensors.b[name]!.data];
      data.forEach((value, i) => expect(value).toBeCloseTo(0.75 * a[i]! + 0.25 * b[i]!, 5));
    }
    expect(report).toMatchObject({ method: 'linear', tensors: shapes.size, warnings: [] });
    expect(report.inputBytes).toBe(2 * report.outputBytes);
    expect(report.elements * 4).toBe(report.outputBytes);
  });

  test.each([2, 5])('sharded into %i files they are the same, in and out', async (shards) => {
    for (const name of ['a', 'b', 'c'] as const)
      await writeCheckpoint(folder.join(`sharded-${shards}`, name), tensors[name], {
        shards,
        config: llamaConfig(3),
      });
    const single = await merge(TIES);
    const sharded = await merge(TIES, {
      cwd: folder.join(`sharded-${shards}`),
      plan: { maxShardBytes: 500 },
    });
    expect(largestDifference(await readCheckpoint(sharded.output), await readCheckpoint(single.output))).toBe(
      0,
    );
    const files = readdirSync(sharded.output).filter((name) => name.endsWith('.safetensors'));
    expect(files.length).toBeGreaterThan(2);
    expect(files[0]).toMatch(/^model-00001-of-000\d\d\.safetensors$/);
    const index = JSON.parse(readFileSync(`${sharded.output}/model.safetensors.index.json`, 'utf8'));
    expect(index.metadata.total_size).toBe(sharded.report.outputBytes);
    expect(Object.keys(index.weight_map)).toHaveLength(shapes.size);
    expect(new Set(Object.values(index.weight_map)).size).toBe(files.length);
  });

  test.each(['F16', 'BF16'] as const)(
    'stored as %s they are widened, merged and narrowed once',
    async (dtype) => {
      for (const name of ['a', 'b'] as const)
        await writeCheckpoint(folder.join(dtype, name), tensors[name], { dtype, config: llamaConfig(3) });
      const { output } = await merge(LINEAR, { cwd: folder.join(dtype) });
      const reader = await openSafetensors(`${output}/model.safetensors`);
      expect(new Set([...reader.entries.values()].map((entry) => entry.dtype))).toEqual(new Set([dtype]));
      await reader.close();
      const [a, b] = [
        await readCheckpoint(folder.join(dtype, 'a')),
        await readCheckpoint(folder.join(dtype, 'b')),
      ];
      const step = dtype === 'F16' ? 2 ** -11 : 2 ** -8;
      for (const [name, { data }] of Object.entries(await readCheckpoint(output)))
        data.forEach((value, i) => {
          const exact = 0.75 * a[name]!.data[i]! + 0.25 * b[name]!.data[i]!;
          expect(Math.abs(value - exact)).toBeLessThanOrEqual(step * Math.max(Math.abs(exact), 1e-3));
        });
    },
  );

  test('a dtype of the recipe converts, and makes models of different types fit', async () => {
    await writeCheckpoint(folder.join('mixed', 'a'), tensors.a, { dtype: 'F16' });
    await writeCheckpoint(folder.join('mixed', 'b'), tensors.b, { dtype: 'F32' });
    const { output } = await merge(`${LINEAR}dtype: bfloat16`, { cwd: folder.join('mixed') });
    const reader = await openSafetensors(`${output}/model.safetensors`);
    expect([...reader.entries.values()].every(({ dtype }) => dtype === 'BF16')).toBe(true);
    await reader.close();
    expect(JSON.parse(readFileSync(`${output}/config.json`, 'utf8'))).toMatchObject({
      torch_dtype: 'bfloat16',
    });
  });

  test('a dtype of the command wins over the recipe', async () => {
    const { output } = await merge(`${LINEAR}dtype: bfloat16`, { plan: { dtype: 'float16' } });
    const reader = await openSafetensors(`${output}/model.safetensors`);
    expect(reader.entries.get('lm_head.weight')?.dtype).toBe('F16');
    await reader.close();
  });

  test('passed through bfloat16 nothing changes but the rounding', async () => {
    const { output } = await merge('merge_method: passthrough\nmodels: [{model: ./a}]\ndtype: bfloat16');
    const [name, { data }] = Object.entries(tensors.a)[1]!;
    const half = new Uint16Array(data.length);
    toBfloat16(new Uint32Array((data as Float32Array).slice().buffer), half);
    const expected = new Float32Array(data.length);
    fromBfloat16(half, new Uint32Array(expected.buffer));
    expect((await readCheckpoint(output))[name]!.data).toEqual(expected);
  });

  test('integers and switches are copied', async () => {
    const extra = {
      steps: { shape: [2], dtype: 'int32', data: Int32Array.of(3, -4) },
      flags: { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
      none: { shape: [0, 4], dtype: 'float32', data: new Float32Array(0) },
    } as const;
    for (const name of ['a', 'b'] as const)
      await writeCheckpoint(folder.join('extra', name), { ...tensors[name], ...extra });
    const { output } = await merge(LINEAR, { cwd: folder.join('extra') });
    const merged = await readCheckpoint(output);
    expect({ steps: merged['steps'], flags: merged['flags'], none: merged['none'] }).toEqual(extra);
  });

  test('the large tensors of a method that works element by element are made in parts', async () => {
    const large = new Map([['model.embed_tokens.weight', [700, 1000]]]);
    const pair = { a: randomTensors(large, 1), b: randomTensors(large, 2) };
    for (const name of ['a', 'b'] as const) await writeCheckpoint(folder.join('large', name), pair[name]);
    const progress: MergeProgress[] = [];
    const { output, report } = await merge(`${LINEAR}dtype: bfloat16`, {
      cwd: folder.join('large'),
      execute: { onProgress: (each) => void progress.push(each) },
    });
    const merged = (await readCheckpoint(output))['model.embed_tokens.weight']!.data;
    const wrong = merged.findIndex((value: number, i: number) => {
      const exact =
        0.75 * pair.a['model.embed_tokens.weight']!.data[i]! +
        0.25 * pair.b['model.embed_tokens.weight']!.data[i]!;
      return Math.abs(value - exact) > 2 ** -8 * Math.max(Math.abs(exact), 1e-3);
    });
    expect(wrong).toBe(-1);
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.at(-1)).toMatchObject({ doneBytes: report.inputBytes, totalBytes: report.inputBytes });
  });
});

describe('layers', () => {
  test('slices are stacked, renamed, and take the rest from the first and the last', async () => {
    const { output } = await merge(
      'merge_method: passthrough\nslices:\n- sources: [{model: ./a, layer_range: [0, 2]}]\n- sources: [{model: ./b, layer_range: [0, 3]}]\n',
    );
    const merged = await readCheckpoint(output);
    const pairs: [string, 'a' | 'b', string][] = [
      ['model.embed_tokens.weight', 'a', 'model.embed_tokens.weight'],
      ['model.layers.1.mlp.up_proj.weight', 'a', 'model.layers.1.mlp.up_proj.weight'],
      ['model.layers.2.mlp.up_proj.weight', 'b', 'model.layers.0.mlp.up_proj.weight'],
      ['model.layers.4.input_layernorm.weight', 'b', 'model.layers.2.input_layernorm.weight'],
      ['model.norm.weight', 'b', 'model.norm.weight'],
      ['lm_head.weight', 'b', 'lm_head.weight'],
    ];
    for (const [name, from, original] of pairs)
      expect(merged[name]!.data).toEqual(tensors[from][original]!.data);
    expect(Object.keys(merged)).toHaveLength(shapes.size + 2 * 7);
    expect(JSON.parse(readFileSync(`${output}/config.json`, 'utf8'))).toMatchObject({ num_hidden_layers: 5 });
  });

  test('gradients run over the layers of the slice; tensors outside take the first value', async () => {
    const { output } = await merge(
      'merge_method: linear\nmodels:\n- {model: ./a, parameters: {weight: [0, 1]}}\n- {model: ./b, parameters: {weight: [1, 0]}}\n',
    );
    const merged = await readCheckpoint(output);
    const share = (name: string, of: number): void =>
      merged[name]!.data.forEach((value, i) =>
        expect(value).toBeCloseTo(of * tensors.a[name]!.data[i]! + (1 - of) * tensors.b[name]!.data[i]!, 5),
      );
    share('model.layers.0.self_attn.q_proj.weight', 0);
    share('model.layers.1.self_attn.q_proj.weight', 0.5);
    share('model.layers.2.self_attn.q_proj.weight', 1);
    share('model.embed_tokens.weight', 0);
    share('lm_head.weight', 0);
  });

  test('source over slice over recipe', async () => {
    const text = `
merge_method: task_arithmetic
base_model: ./c
slices:
- sources: [{model: ./a, layer_range: [0, 1], parameters: {weight: 1}}, {model: ./c, layer_range: [0, 1]}]
- sources: [{model: ./a, layer_range: [1, 2]}, {model: ./c, layer_range: [1, 2]}]
  parameters: {weight: 0.5}
- sources: [{model: ./a, layer_range: [2, 3]}, {model: ./c, layer_range: [2, 3]}]
parameters: {weight: 0}
`;
    const { output } = await merge(text);
    const merged = await readCheckpoint(output);
    [1, 0.5, 0].forEach((weight, layer) => {
      const name = `model.layers.${layer}.mlp.up_proj.weight`;
      merged[name]!.data.forEach((value, i) => {
        const [a, c] = [tensors.a[name]!.data[i]!, tensors.c[name]!.data[i]!];
        expect(value).toBeCloseTo(c + weight * (a - c), 5);
      });
    });
  });

  test('franken takes whole layers by their number', async () => {
    const { output } = await merge('method: franken\noptions: {layers: [1, 0, 1]}\nmodels: [./a, ./b]');
    const merged = await readCheckpoint(output);
    (['b', 'a', 'b'] as const).forEach((donor, layer) => {
      const name = `model.layers.${layer}.self_attn.k_proj.weight`;
      expect(merged[name]!.data).toEqual(tensors[donor][name]!.data);
    });
  });
});

describe('random methods', () => {
  const dare = (seed: number) =>
    `method: dare_linear\nbase: ./base\nmodels: [./step]\nparameters: {density: 0.25, rescale: false}\nseed: ${seed}`;
  beforeAll(async () => {
    const wide = new Map([
      ['model.layers.0.mlp.up_proj.weight', [200, 100]],
      ['model.layers.1.mlp.up_proj.weight', [200, 100]],
    ]);
    const base = randomTensors(wide, 7);
    const step = Object.fromEntries(
      Object.entries(base).map(([name, tensor]) => [
        name,
        { ...tensor, data: (tensor.data as Float32Array).map((value) => value + 1) },
      ]),
    );
    await writeCheckpoint(folder.join('base'), base);
    await writeCheckpoint(folder.join('step'), step);
  });

  const moved = async (output: string): Promise<boolean[][]> => {
    const [merged, base] = [await readCheckpoint(output), await readCheckpoint(folder.join('base'))];
    return Object.keys(base)
      .sort()
      .map((name) =>
        Array.from(merged[name]!.data, (value, i) => Math.abs(value - base[name]!.data[i]!) > 0.5),
      );
  };

  test('dare keeps its share, in every tensor other elements', async () => {
    const [first, second] = await moved((await merge(dare(1))).output);
    const kept = (mask: boolean[]): number => mask.filter(Boolean).length / mask.length;
    // Five standard deviations of the share of 20,000 independent draws.
    for (const mask of [first!, second!]) expect(Math.abs(kept(mask) - 0.25)).toBeLessThan(0.0155);
    const both = first!.filter((each, i) => each && second![i]).length / first!.length;
    expect(Math.abs(both - 0.0625)).toBeLessThan(0.0086);
  });

  test('the seed of the recipe or of the command decides, and nothing else', async () => {
    const weights = async (text: string, plan = {}) => {
      const { output } = await merge(text, { plan });
      const tensorsOf = await readCheckpoint(output);
      return Object.values(tensorsOf)
        .map(({ data }) => Buffer.from(data.buffer).toString('base64'))
        .join();
    };
    const one = await weights(dare(1));
    expect(await weights(dare(1))).toBe(one);
    expect(await weights(dare(2))).not.toBe(one);
    expect(await weights(dare(2), { seed: 1 })).toBe(one);
    expect(await weights(dare(1), { maxShardBytes: 100 })).toBe(one);
  });
});

describe('what lies beside the weights', () => {
  test('the same recipe gives the same bytes', async () => {
    const outs = [folder.join('twin-1', 'm'), folder.join('twin-2', 'm')];
    for (const output of outs) await merge(TIES, { output });
    const names = readdirSync(outs[0]!).sort();
    expect(names).toEqual(['README.md', 'config.json', 'mergekit_config.yml', 'model.safetensors']);
    for (const name of names)
      expect(readFileSync(`${outs[0]}/${name}`)).toEqual(readFileSync(`${outs[1]}/${name}`));
  });

  test('the recipe is the one that was given, with the hashes of the parents', async () => {
    const { output, report } = await merge(`# mine\n${TIES}`);
    const text = readFileSync(`${output}/mergekit_config.yml`, 'utf8');
    expect(text.startsWith(`# mine\n${TIES}`)).toBe(true);
    expect(parse(text)).toEqual(parse(TIES));
    for (const name of ['a', 'b', 'c']) {
      const { sha256, bytes } = await hashFile(folder.join(name, 'model.safetensors'));
      expect(text).toContain(`./${name}/model.safetensors sha256 ${sha256}`);
      expect(report.parents.find(({ reference }) => reference === `./${name}`)!.files).toEqual([
        { file: folder.join(name, 'model.safetensors'), bytes, sha256 },
      ]);
    }
  });

  test('our own recipe can be carried out again from the file that is kept', async () => {
    const { output } = await merge('method: dare_ties\nbase: ./c\nmodels: [./a, ./b]\nseed: 5');
    const kept = readFileSync(`${output}/agentforge-recipe.yaml`, 'utf8');
    const again = await merge(kept);
    expect(largestDifference(await readCheckpoint(again.output), await readCheckpoint(output))).toBe(0);
  });

  test('the card says what, how and from what', async () => {
    const { output, report } = await merge(TIES, {
      output: folder.join('My Merge'),
      execute: { producer: 'agentforge 9.9.9' },
    });
    const card = readFileSync(`${output}/README.md`, 'utf8');
    const [, front] = card.split('---\n');
    expect(parse(front!)).toEqual({
      base_model: ['./c', './a', './b'],
      library_name: 'transformers',
      tags: ['merge', 'agentforge'],
    });
    expect(card).toContain('# My Merge\n');
    expect(card).toContain('with the method **ties**, made by agentforge 9.9.9');
    expect(card).toContain(TIES.trimEnd());
    expect(card).toContain(`parameters: ${report.elements.toLocaleString('en-US')}`);
    for (const { files } of report.parents) expect(card).toContain(files[0]!.sha256);
  });

  test('the report names every file with its length', async () => {
    const { output, report } = await merge(LINEAR, { plan: { maxShardBytes: 900 } });
    const names = readdirSync(output).filter((name) => name.endsWith('.safetensors'));
    expect(report.files).toEqual(
      names.sort().map((file) => ({ file, bytes: statSync(`${output}/${file}`).size })),
    );
  });

  test('config.json changes where it must and nowhere else', async () => {
    const text =
      '{\n  "rope_theta": 10000.0,\n  "rms_norm_eps": 1e-05,\n  "num_hidden_layers": 3,\n  "layer_types": ["x", "y", "z"],\n  "dtype": "float16"\n}\n';
    for (const name of ['a', 'b'] as const) {
      await writeCheckpoint(folder.join('typed', name), tensors[name], {
        config: null,
        files: { 'config.json': text },
      });
    }
    const { output } = await merge(
      'merge_method: passthrough\nslices: [{sources: [{model: ./a, layer_range: [1, 3]}]}, {sources: [{model: ./b, layer_range: [0, 1]}]}, {sources: [{model: ./b, layer_range: [2, 3]}]}]\ndtype: bfloat16',
      { cwd: folder.join('typed') },
    );
    expect(readFileSync(`${output}/config.json`, 'utf8')).toBe(
      '{\n  "rope_theta": 10000.0,\n  "rms_norm_eps": 1e-05,\n  "num_hidden_layers": 4,\n  "layer_types": ["y","z","x","z"],\n  "dtype": "bfloat16"\n}\n',
    );
  });

  test('tokenizer and generation settings come along', async () => {
    const files = {
      'tokenizer.json': JSON.stringify({
        model: { vocab: { a: 0, b: 1 } },
        added_tokens: [{ id: 2, content: '<s>' }],
      }),
      'tokenizer_config.json': '{"x": 1}',
      'generation_config.json': '{"temperature": 0.5}',
    };
    const other = {
      'tokenizer.json': JSON.stringify({
        added_tokens: [{ id: 2, content: '<s>' }],
        model: { vocab: { b: 1, a: 0 } },
      }),
    };
    await writeCheckpoint(folder.join('tokens', 'a'), tensors.a, { files });
    await writeCheckpoint(folder.join('tokens', 'b'), tensors.b, { files: other });
    const { output } = await merge(`${LINEAR}tokenizer_source: union`, { cwd: folder.join('tokens') });
    for (const [name, text] of Object.entries(files))
      expect(readFileSync(`${output}/${name}`, 'utf8')).toBe(text);
    const second = await merge(`${LINEAR}tokenizer_source: ./b`, { cwd: folder.join('tokens') });
    expect(readFileSync(`${second.output}/tokenizer.json`, 'utf8')).toBe(other['tokenizer.json']);
    expect(existsSync(`${second.output}/tokenizer_config.json`)).toBe(false);
  });

  test('configs that differ are warned of', async () => {
    await writeCheckpoint(folder.join('theta', 'a'), tensors.a, {
      config: { ...llamaConfig(3), rope_theta: 1e4 },
    });
    await writeCheckpoint(folder.join('theta', 'b'), tensors.b, {
      config: { ...llamaConfig(3), rope_theta: 5e5 },
    });
    const { report } = await merge(LINEAR, { cwd: folder.join('theta') });
    expect(report.warnings).toEqual(['config.json of ./b differs in rope_theta; that of ./a is kept.']);
  });
});

describe('several documents', () => {
  const CHAIN = `
name: first
merge_method: linear
models: [{model: ./a, parameters: {weight: 1}}, {model: ./b, parameters: {weight: 1}}]
---
merge_method: task_arithmetic
base_model: ./c
models: [{model: first, parameters: {weight: 0.5}}]
`;

  test('are merged one after another; only the last is kept', async () => {
    const output = folder.join('chain', 'result');
    await merge(CHAIN, { output });
    const merged = await readCheckpoint(output);
    for (const [name, { data }] of Object.entries(merged))
      data.forEach((value, i) => {
        const [a, b, c] = [tensors.a, tensors.b, tensors.c].map((each) => each[name]!.data[i]!) as [
          number,
          number,
          number,
        ];
        expect(value).toBeCloseTo(c + 0.5 * ((a + b) / 2 - c), 5);
      });
    expect(readdirSync(folder.join('chain'))).toEqual(['result']);
    const card = readFileSync(`${output}/README.md`, 'utf8');
    for (const name of ['a', 'b', 'c']) expect(card).toContain(`\`./${name}\``);
  });
});

describe('where models are looked for', () => {
  test('in the working directory first, then beside the recipe', async () => {
    mkdirSync(folder.join('elsewhere'), { recursive: true });
    const report = await merge(LINEAR, { plan: { folders: [folder.join('elsewhere'), folder.path] } });
    expect(report.report.parents[0]!.files[0]!.file).toBe(folder.join('a', 'model.safetensors'));
  });
});

test('a model that is there is replaced with force, as a whole', async () => {
  const { output } = await merge(LINEAR);
  writeFileSync(`${output}/old.txt`, 'old');
  await expect(merge(TIES, { output })).rejects.toMatchObject({ code: 'AF_MERGE_OUTPUT' });
  expect(readdirSync(output)).toContain('old.txt');
  await merge(TIES, { output, execute: { force: true } });
  expect(readdirSync(output).sort()).toEqual([
    'README.md',
    'config.json',
    'mergekit_config.yml',
    'model.safetensors',
  ]);
});

test('a plan is told before each merge', async () => {
  const told: string[] = [];
  await mergeRecipe(await readRecipe(LINEAR, 'x.yml', setup.world), {
    plan: { folders: [folder.path] },
    execute: { output: folder.join('told') },
    onPlan: (plan, { index, count }) =>
      void told.push(`${plan.recipe.methodName} ${index + 1}/${count} ${plan.shards.length}`),
  });
  expect(told).toEqual(['linear 1/1 1']);
});
