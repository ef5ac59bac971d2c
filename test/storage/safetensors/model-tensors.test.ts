import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSafetensorsWriter, openModelTensors } from '../../../storage/safetensors/index.js';
import { oracles } from '../../support/oracles.js';
import { scratchFolders, thrownBy } from '../support/scratch.js';

const scratch = scratchFolders();

async function shard(folder: string, file: string, values: Readonly<Record<string, number>>): Promise<void> {
  const plan = Object.keys(values).map((name) => ({ name, dtype: 'F32' as const, shape: [1] }));
  const writer = await createSafetensorsWriter(join(folder, file), plan, { shard: file });
  for (const { name } of plan) await writer.write(name, Float32Array.of(values[name]!));
  await writer.finish();
}

async function sharded(weightMap: unknown): Promise<string> {
  const folder = await scratch();
  await shard(folder, 'model-00001-of-00002.safetensors', { a: 1, b: 2 });
  await shard(folder, 'model-00002-of-00002.safetensors', { c: 3 });
  const index =
    weightMap === undefined ? '{' : JSON.stringify({ metadata: { total_size: 12 }, weight_map: weightMap });
  await writeFile(join(folder, 'model.safetensors.index.json'), index);
  return folder;
}

const ONE = 'model-00001-of-00002.safetensors';
const TWO = 'model-00002-of-00002.safetensors';

it('reads a model in one file', async () => {
  const folder = await scratch();
  await shard(folder, 'model.safetensors', { a: 1 });
  const model = await openModelTensors(folder);
  expect(model.names).toEqual(['a']);
  expect(model.entry('a')).toMatchObject({ dtype: 'F32', shape: [1] });
  expect((await model.read('a')).data).toEqual(Float32Array.of(1));
  await model.close();
});

it('reads a model in shards, each tensor from where the index says', async () => {
  const model = await openModelTensors(await sharded({ c: TWO, a: ONE, b: ONE }));
  expect(model.names).toEqual(['c', 'a', 'b']);
  expect(model.warnings).toEqual([]);
  expect((await model.read('c')).data).toEqual(Float32Array.of(3));
  expect(await model.readRaw('a')).toEqual(new Uint8Array(Float32Array.of(1).buffer));
  expect(await thrownBy(() => model.read('d'))).toMatchObject({
    code: 'AF_SAFETENSORS_NOT_FOUND',
    facts: { tensor: 'd' },
  });
  await model.close();
});

it.each([
  ['that is not JSON', undefined, 'not JSON'],
  ['without a weight_map', null, 'no weight_map'],
  ['that names a tensor its shard lacks', { c: ONE }, 'not in model-00001'],
  ['that leaves out a tensor of a shard', { c: TWO, a: ONE }, 'it leaves out "b", which model-00001'],
  ['that leaves out a shard', { a: ONE, b: ONE }, 'it leaves out the shard "model-00002-of-00002'],
  ['that points outside the folder', { a: '../model.safetensors' }, 'not a file name'],
  ['that points to an absolute path', { a: '/etc/model.safetensors' }, 'not a file name'],
  ['that points to no file name', { a: 3 }, 'not a file name'],
])('refuses an index %s', async (_what, map, reason) => {
  const folder = await sharded(map);
  expect(await thrownBy(() => openModelTensors(folder))).toMatchObject({
    code: 'AF_SAFETENSORS_FORMAT',
    message: expect.stringContaining(reason),
  });
});

it('tells of weights beside those that the index names', async () => {
  const folder = await sharded({ c: TWO, a: ONE, b: ONE });
  await shard(folder, 'model.safetensors', { a: 9 });
  await shard(folder, 'model-00001-of-00004.safetensors', { z: 9 });
  await shard(folder, 'consolidated.safetensors', { a: 9 });
  const model = await openModelTensors(folder);
  expect((await model.read('a')).data).toEqual(Float32Array.of(1));
  expect(model.warnings).toEqual([
    'it has model.safetensors.index.json and also "model-00001-of-00004.safetensors", "model.safetensors": what the index names is used, the rest is left out.',
  ]);
  await model.close();
});

it('tells of shards beside a model in one file', async () => {
  const folder = await scratch();
  await shard(folder, 'model.safetensors', { a: 1 });
  await shard(folder, ONE, { a: 2 });
  const model = await openModelTensors(folder);
  expect(model.warnings).toEqual([expect.stringContaining(`"${ONE}" without an index`)]);
  await model.close();
});

it('tells of a tensor that lies in two shards', async () => {
  const folder = await sharded({ a: ONE, b: ONE, c: TWO });
  await shard(folder, TWO, { a: 7, c: 3 });
  const model = await openModelTensors(folder);
  expect((await model.read('a')).data).toEqual(Float32Array.of(1));
  expect(model.warnings).toEqual([expect.stringMatching(/^"a" lies in more than one shard/)]);
  await model.close();
});

it('says which file of a folder is missing', async () => {
  const folder = await scratch();
  expect(await thrownBy(() => openModelTensors(folder))).toMatchObject({
    code: 'AF_STORAGE_IO',
    at: join(folder, 'model.safetensors'),
  });
});

oracles('mergekit').describe('a checkpoint of another implementation', () => {
  it('opens with all its tensors', async () => {
    const model = await openModelTensors(oracles('mergekit').path('base'));
    expect(model.names).toContain('model.embed_tokens.weight');
    const { shape, data } = await model.read('model.embed_tokens.weight');
    expect(data).toHaveLength(shape.reduce((product, size) => product * size, 1));
    expect(data.every((value: number) => Number.isFinite(value))).toBe(true);
    await model.close();
  });
});
