import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timed } from '../../examples/third-party-engine/timed.js';
import { mustMeet } from '../../examples/third-party-hooks/must-meet.js';
import { audited } from '../../examples/third-party-registry/audited.js';
import { mirrored } from '../../examples/third-party-storage/mirrored.js';
import { definePhase, ENGINE, gates, REGISTRY, STORAGE, type Engine } from '../../core/contracts/index.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import { lowdb } from '../../plugins/registries/lowdb/index.js';
import { files } from '../../plugins/storages/files.js';
import { onnxruntime } from '../../plugins/index.js';
import {
  createTestKernel,
  engineConformance,
  implementationOf,
  registryConformance,
  storageConformance,
  tinyModels,
  withTemporaryFolder,
} from '../../testing/index.js';
import { testConformance } from '../support/conformance.js';

describe('the example engine conforms', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await (await implementationOf(ENGINE, timed(), [onnxruntime({ threads: 1 })])).open();
  });
  afterAll(() => engine.dispose());
  testConformance(engineConformance(() => engine));

  test('it tells how often each program ran', async () => {
    const bench = await createTestKernel({
      builtins: BUILTIN_PLUGINS,
      plugins: [timed()],
      config: { engine: 'timed', sinks: [] },
    });
    const own = await bench.kernel.resolve(ENGINE, 'timed').open();
    const program = await own.compile(({ x }) => ({ outputs: { y: x! } }), {
      name: 'copy',
      inputs: { x: { shape: [1], dtype: 'float32' } },
    });
    for (let i = 0; i < 3; i++) await program.run({ x: Float32Array.of(1) });
    await own.dispose();
    expect(bench.messages('info')).toContainEqual(expect.stringMatching(/^copy: 3 runs, [\d.]+ ms$/));
    await bench.dispose();
  });
});

describe('the example registry conforms', () => {
  testConformance(registryConformance(() => implementationOf(REGISTRY, audited(), [lowdb()])));
});

describe('the example storage conforms', () => {
  const folder = join(tmpdir(), `agentforge-mirror-${process.pid}`);
  afterAll(() => rm(folder, { recursive: true, force: true }));
  testConformance(storageConformance(() => implementationOf(STORAGE, mirrored({ folder }), [files()])));
});

test('registry and storage of a run: every change is noted, every artifact is there twice', async () => {
  await withTemporaryFolder(async (folder) => {
    const mirror = join(folder, 'mirror');
    const { kernel, dispose } = await createTestKernel({
      folder,
      plugins: [audited(), mirrored({ folder: mirror })],
      pipeline: [tinyModels()],
      config: { registry: 'audited' },
    });
    const report = await kernel.run();
    expect(report.status).toBe('completed');
    await dispose();
    const notes = (await readFile(join(folder, '.agentforge', 'registry', 'audit.jsonl'), 'utf8'))
      .trim()
      .split('\n');
    const said = notes.map((note) => (JSON.parse(note) as { what: string }).what);
    expect(said[0]).toBe('session created');
    expect(said.filter((what) => what === 'model registered')).toHaveLength(3);
    const copies = await readdir(mirror);
    for (const { weights } of report.phases[0]!.result!.models) expect(copies).toContain(weights.sha256);
  });
});

/** A phase that misses one target and meets another. */
const judged = definePhase({
  name: 'judged',
  create: () => ({
    title: 'Judged',
    input: null,
    output: null,
    metrics: [],
    gates: ['far', 'near'],
    run: async () => {
      const results = [gates.atLeast('far/model', 1, 2), gates.atLeast('near', 2, 2)];
      return {
        models: [],
        metrics: {},
        gates: results,
        handoff: null,
        warnings: [],
      };
    },
  }),
});

test.each([
  ['is not named', ['near'], null],
  [
    'is named',
    ['near', 'far'],
    /^Phase "judged" does not meet what it must: far\/model is 1, wanted >= 2\.$/,
  ],
  ['is named with its model', ['far/model'], /far\/model is 1/],
] as const)('the example of hooks: a missed gate that %s', async (_, named, message) => {
  const { kernel, dispose } = await createTestKernel({
    plugins: [mustMeet({ gates: [...named] })],
    pipeline: [judged()],
  });
  const { status, error } = await kernel.run();
  await dispose();
  expect(status).toBe(message === null ? 'completed' : 'failed');
  if (message !== null) expect((error!.cause as Error).message).toMatch(message);
});
