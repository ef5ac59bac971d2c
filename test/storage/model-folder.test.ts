import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelRef } from '../../core/contracts/model.js';
import { TOOL_TAGS } from '../../core/contracts/tool.js';
import {
  FileArtifactStore,
  checkModelMetadata,
  modelMetadataValidator,
  openModelFolder,
  writeModelFiles,
} from '../../storage/index.js';
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

async function written(): Promise<{ store: FileArtifactStore; model: ModelRef; folder: string }> {
  const root = await scratch();
  const store = await FileArtifactStore.open(join(root, 'artifacts'));
  const model = await storedModel(store);
  const folder = join(root, 'reasoning');
  await writeModelFiles(model, store, folder);
  return { store, model, folder };
}

it('writes a folder and reads it as the same model', async () => {
  const { model, folder } = await written();
  expect((await readdir(folder, { recursive: true })).sort()).toEqual([
    'config.json',
    'metadata.json',
    'model.safetensors',
    'sidecars',
    'sidecars/fisher',
    'sidecars/fisher/fisher.safetensors',
    'tokenizer.json',
  ]);
  const opened = await openModelFolder(folder);
  const { config, metadata } = model;
  expect(opened).toMatchObject({ folder, config, metadata, tokenizer: '{"model":{}}' });
  expect(await opened.readWeights()).toEqual({
    w: { shape: [3], dtype: 'float32', data: Float32Array.of(1, 2, 3) },
  });
});

it('does without tokenizer and side files', async () => {
  const root = await scratch();
  const store = await FileArtifactStore.open(join(root, 'artifacts'));
  const { weights } = await storedModel(store);
  await writeModelFiles(modelRef('m', 's', weights), store, join(root, 'm'));
  const names = (await readdir(join(root, 'm'))).sort();
  expect(names).toEqual(['config.json', 'metadata.json', 'model.safetensors']);
  expect((await openModelFolder(join(root, 'm'))).tokenizer).toBeNull();
});

it('tells a full disk, and a stored file that is damaged or gone', async () => {
  const { store, model, folder } = await written();
  const next = join(folder, '..', 'next');
  const failure = () => thrownBy(() => writeModelFiles(model, store, next));
  expect(await thrownBy(() => writeModelFiles(model, store, next, fullDisk(50)))).toMatchObject({
    code: 'AF_STORAGE_FULL',
  });
  await writeFile(store.path(model.weights), 'damaged');
  expect(await failure()).toMatchObject({ code: 'AF_ARTIFACT_CORRUPT', at: store.path(model.weights) });
  await rm(store.path(model.weights));
  expect(await failure()).toMatchObject({ code: 'AF_ARTIFACT_MISSING' });
});

describe('a folder to read', () => {
  it.each([
    ['without a config', 'config.json', null, 'AF_MODEL_FOLDER', 'config.json is missing'],
    ['with a torn config', 'config.json', '{', 'AF_MODEL_FOLDER', 'cannot be read as JSON'],
    ['with a list for a config', 'config.json', '[]', 'AF_MODEL_FOLDER', 'needs an architecture and its'],
    [
      'of another program',
      'config.json',
      '{"model_type":"gpt2"}',
      'AF_MODEL_FOLDER',
      'is the one of a gpt2 model in Hugging Face layout, which no architecture here reads',
    ],
    [
      'of another program that names its class',
      'config.json',
      '{"architectures":["GPT2LMHeadModel"]}',
      'AF_MODEL_FOLDER',
      'is the one of a GPT2LMHeadModel model',
    ],
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
    ['without its tokenizer', 'tokenizer.json', null, 'AF_MODEL_FOLDER', 'tokenizer.json is missing'],
  ] as const)('%s is refused', async (_what, file, content, code, reason) => {
    const { folder } = await written();
    if (content === null) await rm(join(folder, file));
    else await writeFile(join(folder, file), content);
    const read = async () => (await openModelFolder(folder)).readWeights();
    expect(await thrownBy(read)).toMatchObject({ code, message: expect.stringContaining(reason) });
  });

  it('without metadata is the result of a merge: nothing to compare with', async () => {
    const { folder } = await written();
    await rm(join(folder, 'metadata.json'));
    const opened = await openModelFolder(folder);
    expect(opened.metadata).toBeNull();
    expect(Object.keys(await opened.readWeights())).toEqual(['w']);
  });

  it('that is not there is told', async () => {
    expect(await thrownBy(() => openModelFolder(join(__dirname, 'nowhere')))).toMatchObject({
      code: expect.stringMatching(/^AF_/),
    });
  });

  it('with weights that match their hash but are no safetensors is refused', async () => {
    const root = await scratch();
    const store = await FileArtifactStore.open(join(root, 'artifacts'));
    const weights = await store.put('model.safetensors', 'not a model');
    await writeModelFiles(modelRef('m', 's', weights), store, join(root, 'm'));
    const opened = await openModelFolder(join(root, 'm'));
    expect(await thrownBy(() => opened.readWeights())).toMatchObject({ code: 'AF_SAFETENSORS_FORMAT' });
  });
});

describe('metadata', () => {
  const metadata = modelRef('m', 's').metadata;

  it('of a small model is valid', async () => {
    expect((await modelMetadataValidator())({ ...metadata, parameters: 1 })).toEqual([]);
  });

  const THOUGHTS = {
    ...{ start: 300, end: 301, tags: { '<think>': 300, '</think>': 301 } },
    ...{ length: 12, talk: 4, samples: 2, threshold: 0.4, min_interval: 3 },
  };

  it('may say how the model thinks; a record without it is of the same version', async () => {
    const validate = await modelMetadataValidator();
    expect(metadata).not.toHaveProperty('thoughts');
    for (const changes of [{}, { thoughts: null }, { thoughts: THOUGHTS }]) {
      const record = { ...metadata, ...changes };
      expect(validate(record)).toEqual([]);
      expect(await checkModelMetadata(record, 'here')).toBe(record);
    }
  });

  const TOOLS = {
    tags: Object.fromEntries(TOOL_TAGS.map((tag, i) => [tag, 310 + i])),
    ...{ names: { calculator: 320 }, most_arguments: 32, most_calls: 3 },
  };

  it('may say how the model calls tools, in all parts', async () => {
    const validate = await modelMetadataValidator();
    for (const tools of [null, TOOLS]) expect(validate({ ...metadata, tools })).toEqual([]);
    const { '<|args|>': _, ...tags } = TOOLS.tags;
    for (const wrong of [{ tags }, { names: {} }, { most_calls: 0 }, { most_arguments: 1.5 }, { extra: 1 }])
      expect(validate({ ...metadata, tools: { ...TOOLS, ...wrong } })[0]?.at).toMatch(/^metadata\.tools/);
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
