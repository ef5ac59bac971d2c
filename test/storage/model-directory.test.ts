import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelRef } from '../../core/contracts/model.js';
import { exportModel, FileArtifactStore, importModel, modelMetadataValidator } from '../../storage/index.js';
import { fullDisk } from '../../testing/faulty-disk.js';
import { HASH, modelRef } from './support/records.js';
import { scratchFolders, thrownBy } from './support/scratch.js';

const scratch = scratchFolders();

async function storedModel(store: FileArtifactStore): Promise<ModelRef> {
  const weights = await store.putTensors('model.safetensors', {
    w: { shape: [3], dtype: 'float32', data: Float32Array.of(1, 2, 3) },
  });
  const tokenizer = await store.put('tokenizer.json', '{"model":{}}');
  const fisher = await store.putTensors('fisher.safetensors', {
    w: { shape: [3], dtype: 'float32', data: new Float32Array(3) },
  });
  const ref = modelRef('cognate_reasoning_session_20260102_030405', 'session_20260102_030405', weights);
  return {
    ...ref,
    tokenizer: { ...tokenizer, name: 'tokenizer.json' },
    sidecars: { fisher },
    metadata: { ...ref.metadata, tokenizer_sha256: tokenizer.sha256, vocab_size: 512 },
  };
}

async function exported(): Promise<{ store: FileArtifactStore; model: ModelRef; folder: string }> {
  const root = await scratch();
  const store = await FileArtifactStore.open(join(root, 'artifacts'));
  const model = await storedModel(store);
  const folder = join(root, 'models', 'reasoning');
  await exportModel(model, store, folder);
  return { store, model, folder };
}

it('writes a folder and reads it into another store as the same model', async () => {
  const { model, folder } = await exported();
  expect((await readdir(folder)).sort()).toEqual([
    'config.json',
    'metadata.json',
    'model.safetensors',
    'sidecars',
    'tokenizer.json',
  ]);
  expect(await readdir(join(folder, '..'))).toEqual(['reasoning']);
  const other = await FileArtifactStore.open(await scratch());
  const imported = await importModel(folder, other);
  expect(imported).toEqual(model);
  expect(await other.readTensors(imported.weights)).toEqual({
    w: { shape: [3], dtype: 'float32', data: Float32Array.of(1, 2, 3) },
  });
  expect(await other.readText(imported.tokenizer!)).toBe('{"model":{}}');
});

it('does without tokenizer and side files', async () => {
  const root = await scratch();
  const store = await FileArtifactStore.open(join(root, 'artifacts'));
  const { weights } = await storedModel(store);
  const model = modelRef('m', 's', weights);
  await exportModel(model, store, join(root, 'm'));
  expect((await readdir(join(root, 'm'))).sort()).toEqual([
    'config.json',
    'metadata.json',
    'model.safetensors',
  ]);
  // A store that takes whole contents only, as the contract allows.
  const plain = { put: store.put.bind(store) } as unknown as FileArtifactStore;
  expect(await importModel(join(root, 'm'), plain)).toEqual(model);
});

it('refuses to write over something, and leaves nothing when it cannot finish', async () => {
  const { store, model, folder } = await exported();
  expect(await thrownBy(() => exportModel(model, store, folder))).toMatchObject({
    code: 'AF_MODEL_FOLDER',
    at: folder,
  });
  const next = join(folder, '..', 'next');
  expect(await thrownBy(() => exportModel(model, store, next, fullDisk(50)))).toMatchObject({
    code: 'AF_STORAGE_FULL',
  });
  await writeFile(store.path(model.weights), 'damaged');
  expect(await thrownBy(() => exportModel(model, store, next))).toMatchObject({
    code: 'AF_ARTIFACT_CORRUPT',
  });
  await rm(store.path(model.weights));
  expect(await thrownBy(() => exportModel(model, store, next))).toMatchObject({
    code: 'AF_ARTIFACT_MISSING',
  });
  expect(await readdir(join(folder, '..'))).toEqual(['reasoning']);
});

describe('a folder to import', () => {
  it.each([
    ['without a config', 'config.json', null, 'AF_MODEL_FOLDER', 'config.json is missing'],
    ['with a torn config', 'config.json', '{', 'AF_MODEL_FOLDER', 'cannot be read as JSON'],
    [
      'with a config of another kind',
      'config.json',
      '{"model_type":"llama"}',
      'AF_MODEL_FOLDER',
      'no architecture here reads',
    ],
    ['without metadata', 'metadata.json', null, 'AF_MODEL_FOLDER', 'metadata.json is missing'],
    ['with empty metadata', 'metadata.json', '{}', 'AF_MODEL_METADATA', 'schema_version'],
    ['without weights', 'model.safetensors', null, 'AF_MODEL_FOLDER', 'model.safetensors is missing'],
    [
      'with other weights',
      'model.safetensors',
      'x',
      'AF_ARTIFACT_CORRUPT',
      'model.safetensors does not match',
    ],
    [
      'with another tokenizer',
      'tokenizer.json',
      '{}',
      'AF_ARTIFACT_CORRUPT',
      'tokenizer.json does not match',
    ],
  ] as const)('%s is refused', async (_what, file, content, code, reason) => {
    const { store, folder } = await exported();
    if (content === null) await rm(join(folder, file));
    else await writeFile(join(folder, file), content);
    expect(await thrownBy(() => importModel(folder, store))).toMatchObject({
      code,
      message: expect.stringContaining(reason),
    });
  });

  it('with weights that match their hash but are no safetensors is refused', async () => {
    const root = await scratch();
    const store = await FileArtifactStore.open(join(root, 'artifacts'));
    const weights = await store.put('model.safetensors', 'not a model');
    await exportModel(modelRef('m', 's', weights), store, join(root, 'm'));
    expect(await thrownBy(() => importModel(join(root, 'm'), store))).toMatchObject({
      code: 'AF_SAFETENSORS_FORMAT',
    });
  });

  it('with two files for one purpose is refused', async () => {
    const { store, folder } = await exported();
    await mkdir(join(folder, 'sidecars', 'empty'));
    expect(await thrownBy(() => importModel(folder, store))).toMatchObject({ code: 'AF_MODEL_FOLDER' });
  });
});

describe('metadata', () => {
  const metadata = modelRef('m', 's').metadata;

  it('of a small model is valid', async () => {
    expect((await modelMetadataValidator())({ ...metadata, parameters: 1 })).toEqual([]);
  });

  it.each([
    ['an unknown field', { extra: 1 }, 'metadata', 'extra'],
    ['no parameters', { parameters: 0 }, 'metadata.parameters', '>= 1'],
    ['an unknown format', { format: 'fp64' }, 'metadata.format', 'ternary'],
    ['a short hash', { sha256: HASH.slice(1) }, 'metadata.sha256', 'pattern'],
    ['a metric as text', { metrics: { loss: 'low' } }, 'metadata.metrics.loss', 'number'],
    ['a time without zone', { created_at: '2026-01-02 03:04' }, 'metadata.created_at', 'pattern'],
  ])('with %s is not', async (_what, changes, at, message) => {
    expect((await modelMetadataValidator())({ ...metadata, ...changes })).toEqual([
      { at, message: expect.stringContaining(message) },
    ]);
  });
});
