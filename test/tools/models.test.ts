import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel, openProject, type Model } from 'agentforge';
import { writtenProject } from '../support/written-project.js';
import { temporaryFolder } from '../support/cli.js';
import { TOY_CONFIG } from '../support/toy-config.js';

let made: Awaited<ReturnType<typeof writtenProject>>;
const models: Model[] = [];
beforeAll(async () => {
  made = await writtenProject('reasoning', 'memory');
  const project = await openProject({ cwd: made.path });
  await project.exportModel('reasoning', { output: 'out/good' });
  await project.dispose();
});
afterEach(async () => {
  for (const model of models.splice(0)) await model.dispose();
});
afterAll(() => made.remove());

async function load(reference: string): Promise<Model> {
  const model = await loadModel(reference, { cwd: made.path });
  models.push(model);
  return model;
}

/** A copy of the exported folder, changed. */
function folder(name: string, change: (path: string) => void): string {
  const path = join(made.path, 'out', name);
  rmSync(path, { recursive: true, force: true });
  cpSync(join(made.path, 'out/good'), path, { recursive: true });
  change(path);
  return `./out/${name}`;
}

function edit(file: string, change: (document: Record<string, unknown>) => void) {
  return (path: string): void => {
    const document = JSON.parse(readFileSync(join(path, file), 'utf8')) as Record<string, unknown>;
    change(document);
    writeFileSync(join(path, file), JSON.stringify(document));
  };
}

const SAME = { maxTokens: 8, seed: 1 };

describe('loadModel', () => {
  test('by name, id, session:name, latest and folder: the same model writes the same text', async () => {
    const byName = await load('reasoning');
    const { text, tokens, promptTokens, stopped } = await byName.complete('the cat', SAME);
    expect({ tokens, stopped }).toEqual({ tokens: 8, stopped: 'length' });
    expect(promptTokens).toBe(1 + byName.tokenizer.encode('the cat').length);
    for (const reference of [
      byName.id!,
      `${made.session}:reasoning`,
      './out/good',
      join(made.path, 'out/good'),
    ]) {
      const model = await load(reference);
      expect((await model.complete('the cat', SAME)).text).toBe(text);
      expect(model).toMatchObject({ id: byName.id, name: 'reasoning', metadata: byName.metadata });
    }
    const latest = await load('latest');
    expect(latest.name).toBe('memory');
    expect((await latest.complete('the cat', SAME)).text).not.toBe(text);
  });

  test('pieces make the text; the summary is what the generator returns', async () => {
    const model = await load('reasoning');
    const pieces: string[] = [];
    const writing = model.generate('the', SAME);
    let next = await writing.next();
    for (; next.done !== true; next = await writing.next()) pieces.push(next.value);
    expect(next.value.text).toBe(pieces.join(''));
    expect(await model.complete('the', SAME)).toMatchObject({
      text: next.value.text,
      tokens: next.value.tokens,
    });
  });

  test('a model that cannot be let go of is told by the project, which is closed all the same', async () => {
    const project = await openProject({ cwd: made.path });
    const model = await project.loadModel('reasoning');
    const letGo = model.dispose.bind(model);
    model.dispose = () => letGo().then(() => Promise.reject(new Error('the engine hangs')));
    const { kernel } = project;
    await expect(project.dispose()).rejects.toThrow('the engine hangs');
    expect(() => kernel.storage()).toThrow('This kernel was disposed.');
  });

  test('a signal ends the text after the token at hand', async () => {
    const model = await load('reasoning');
    const stop = new AbortController();
    const stopped = await model.complete('the', {
      ...{ maxTokens: 50, seed: 3, signal: stop.signal },
      onText: () => stop.abort(),
    });
    expect(stopped.stopped).toBe('aborted');
    expect(stopped.tokens).toBeLessThan(50);
    expect(await model.complete('the', { signal: AbortSignal.abort() })).toMatchObject({
      ...{ text: '', tokens: 0, stopped: 'aborted' },
    });
  });

  test('texts written at the same time, by one model and by two, are what they would be alone', async () => {
    const [one, two] = [await load('reasoning'), await load('memory')];
    const jobs = [
      [one, 'the cat'],
      [one, 'the dog'],
      [two, 'the cat'],
    ] as const;
    const alone: string[] = [];
    for (const [model, prompt] of jobs) alone.push((await model.complete(prompt, SAME)).text);
    const together = await Promise.all(jobs.map(([model, prompt]) => model.complete(prompt, SAME)));
    expect(together.map(({ text }) => text)).toEqual(alone);
  });

  test('needs no config, and makes no folder to look into', async () => {
    const empty = temporaryFolder();
    writeFileSync(join(empty.path, 'package.json'), '{}');
    const model = await loadModel(join(made.path, 'out/good'), { cwd: empty.path });
    models.push(model);
    expect((await model.complete('the cat', SAME)).tokens).toBe(8);
    await expect(loadModel('champion', { cwd: empty.path })).rejects.toMatchObject({
      code: 'AF_REGISTRY_NOT_FOUND',
      fix: 'There is no model yet: agentforge run makes one.',
    });
    expect(() => readFileSync(join(empty.path, '.agentforge'))).toThrow('ENOENT');
    empty.remove();
  });
});

describe('a model that is not there', () => {
  test.each([
    ['reasonin', 'AF_REGISTRY_NOT_FOUND', /Did you mean reasoning\?/],
    ['session_20010101_000000:reasoning', 'AF_REGISTRY_NOT_FOUND', /session_\d+_\d+:reasoning/],
    ['./out/goood', 'AF_MODEL_NOT_FOUND', /Did you mean \.\/out\/good\?/],
    ['somebody/model', 'AF_MODEL_NOT_FOUND', /written with a slash is a folder/],
  ])('%s', async (reference, code, fix) => {
    await expect(load(reference)).rejects.toMatchObject({
      code,
      exitCode: 2,
      fix: expect.stringMatching(fix),
    });
  });

  test('a word that is a model and a folder is refused; the path, the id and `latest` are not', async () => {
    const path = join(made.path, 'memory');
    cpSync(join(made.path, 'out/good'), path, { recursive: true });
    try {
      const { id } = await loadThen('./out/good');
      await expect(load('memory')).rejects.toMatchObject({
        code: 'AF_MODEL_AMBIGUOUS',
        fix: expect.stringContaining('./memory'),
      });
      expect((await load('./memory')).folder).toBe(path);
      expect((await load('latest')).folder).toBeNull();
      expect((await load(id!)).folder).toBeNull();
    } finally {
      rmSync(path, { recursive: true });
    }
    mkdirSync(path); // an empty folder is no model
    expect((await load('memory')).folder).toBeNull();
    rmSync(path, { recursive: true });
  });

  async function loadThen(reference: string): Promise<Pick<Model, 'id'>> {
    const { id } = await load(reference);
    return { id };
  }
});

describe('a folder that is damaged', () => {
  const cases: readonly [string, (path: string) => void, string, RegExp][] = [
    ['no-config', (path) => rmSync(join(path, 'config.json')), 'AF_MODEL_FOLDER', /config\.json is missing/],
    [
      'no-weights',
      (path) => rmSync(join(path, 'model.safetensors')),
      'AF_MODEL_FOLDER',
      /model\.safetensors is missing/,
    ],
    [
      'no-tokenizer',
      (path) => rmSync(join(path, 'tokenizer.json')),
      'AF_MODEL_FOLDER',
      /tokenizer\.json is missing/,
    ],
    [
      'never-a-tokenizer',
      (path) => {
        rmSync(join(path, 'tokenizer.json'));
        rmSync(join(path, 'metadata.json'));
      },
      'AF_MODEL_FOLDER',
      /has no tokenizer/,
    ],
    [
      'broken-config',
      (path) => writeFileSync(join(path, 'config.json'), '{'),
      'AF_MODEL_FOLDER',
      /cannot be read as JSON/,
    ],
    [
      'foreign',
      (path) => writeFileSync(join(path, 'config.json'), '{"model_type":"bert"}'),
      'AF_MODEL_FOLDER',
      /bert/,
    ],
    [
      'unknown',
      edit('config.json', (config) => (config['architecture'] = 'titans-magg')),
      'AF_PLUGIN_UNKNOWN',
      /"titans-magg"/,
    ],
    [
      'hyper',
      edit('config.json', (config) => (config['hyperparameters'] = { layers: 'two' })),
      'AF_MODEL_CONFIG',
      /do not fit/,
    ],
    [
      'layers',
      edit('config.json', (config) => ((config['hyperparameters'] as { layers: number }).layers = 2)),
      'AF_MODEL_TENSORS',
      /the tensor is missing/,
    ],
    [
      'metadata',
      edit('metadata.json', (metadata) => delete metadata['model_id']),
      'AF_MODEL_METADATA',
      /model_id/,
    ],
    [
      'flipped',
      flip('model.safetensors'),
      'AF_ARTIFACT_CORRUPT',
      /does not match the hash in metadata\.json/,
    ],
    ['other-tokenizer', flip('tokenizer.json'), 'AF_ARTIFACT_CORRUPT', /tokenizer\.json does not match/],
    ['truncated', (path) => truncate(path), 'AF_SAFETENSORS_FORMAT', /./],
  ];

  test.each(cases)('%s', async (name, change, code, message) => {
    const reference = folder(name, change);
    await expect(load(reference)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  function flip(file: string) {
    return (path: string): void => {
      const bytes = readFileSync(join(path, file));
      bytes[bytes.length - 2]! ^= 1;
      writeFileSync(join(path, file), bytes);
    };
  }

  /** Without metadata the header alone tells. */
  function truncate(path: string): void {
    const file = join(path, 'model.safetensors');
    writeFileSync(file, readFileSync(file).subarray(0, -100));
    rmSync(join(path, 'metadata.json'));
  }
});

test('a model of the registry without a tokenizer cannot write', async () => {
  const toy = temporaryFolder();
  writeFileSync(join(toy.path, 'package.json'), '{}');
  const config = TOY_CONFIG.replace('hyperparameters: {}', 'hyperparameters: HYPER').replace(
    'const handoffSchema',
    `const HYPER = ${JSON.stringify(HYPER)};\nconst handoffSchema`,
  );
  writeFileSync(join(toy.path, 'agentforge.config.ts'), config);
  const project = await openProject({ cwd: toy.path });
  await project.run();
  await expect(project.loadModel('counter')).rejects.toMatchObject({
    code: 'AF_ARTIFACT_MISSING',
    message: 'Model counter has no tokenizer: it cannot read or write text.',
  });
  await project.dispose();
  toy.remove();
});

const HYPER = {
  ...{ vocabularySize: 300, contextLength: 64, dModel: 16, layers: 1, heads: 2, embeddingRank: 8, ffn: 16 },
  ...{ window: 16, dMemory: 8, gateHidden: 8 },
  recursion: { steps: 2, microSteps: 1, crossWidth: 8, crossHeads: 1, gHidden: 8, hHidden: 8 },
};

describe('misuse', () => {
  test('options that cannot be used are all told, before anything is written', async () => {
    const model = await load('reasoning');
    const options = { temperature: -1, maxToken: 5, topK: 0.5, topP: 2, seed: Number.NaN } as object;
    const error: unknown = await model.complete('the', options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'AF_GENERATE_OPTIONS', exitCode: 2 });
    const { problems } = error as { problems: { at: string; suggestion?: string }[] };
    expect(problems.map(({ at }) => at)).toEqual(['temperature', 'maxToken', 'topK', 'topP', 'seed']);
    expect(problems[1]!.suggestion).toBe('maxTokens');
    await expect(model.complete(undefined as unknown as string)).rejects.toMatchObject({
      code: 'AF_GENERATE_OPTIONS',
    });
    const { tokens } = await model.complete('the', { maxTokens: 1, seed: undefined });
    expect(tokens).toBe(1);
  });

  test('a model is gone after its dispose, and after that of its project', async () => {
    const alone = await load('reasoning');
    await alone.dispose();
    await alone.dispose();
    await expect(alone.complete('the')).rejects.toMatchObject({ code: 'AF_MODEL_DISPOSED', exitCode: 2 });
    const project = await openProject({ cwd: made.path });
    const [one, two] = [await project.loadModel('reasoning'), await project.loadModel('memory')];
    await one.dispose();
    expect((await two.complete('the', SAME)).tokens).toBe(8);
    await project.dispose();
    await expect(two.complete('the')).rejects.toMatchObject({ code: 'AF_MODEL_DISPOSED' });
  });

  test('a text that is being written is stopped by a dispose, after its token', async () => {
    const model = await load('reasoning');
    const writing = model.generate('the', { maxTokens: 60, seed: 3 });
    await writing.next();
    const rest = writing.next();
    await model.dispose();
    await rest;
    await expect(writing.next()).rejects.toMatchObject({ code: 'AF_MODEL_DISPOSED' });
  });
});
