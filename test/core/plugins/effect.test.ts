import {
  defineDataset,
  defineEngine,
  definePhase,
  defineSink,
  DATASET,
  pathOption,
  parseOverride,
  Type,
  withDefault,
  type ForgeConfig,
} from '../../../core/index.js';
import { createTestKernel, type TestKernel, type TestKernelOptions } from '../../../testing/kernel.js';
import type { BuiltinCatalogue } from '../../../core/kernel/types.js';
import { files } from '../../../plugins/storages/files.js';
import { lowdb } from '../../../plugins/registries/lowdb/index.js';
import { resultOf } from '../support/toys.js';

const opened: TestKernel[] = [];
afterEach(async () => {
  for (const test of opened.splice(0)) await test.dispose();
});

const heard: string[] = [];
beforeEach(() => {
  heard.length = 0;
});
const sink = (name: string) =>
  defineSink({
    name,
    create: () => ({
      write: (event) => {
        if (event.type === 'metric') heard.push(name);
      },
    }),
  });
const books = (name: string) =>
  defineDataset({
    name,
    options: Type.Object({ file: Type.Optional(pathOption()) }, { additionalProperties: false }),
    create: (options) => ({
      category: 'language',
      synthetic: false,
      load: () => Promise.resolve([{ text: options.file ?? '' }]),
    }),
  });
const read = definePhase({
  name: 'read',
  options: Type.Object(
    { datasets: withDefault(Type.Array(Type.String()), ['novels']) },
    { additionalProperties: false },
  ),
  create: ({ datasets }) => ({
    title: 'Read',
    input: null,
    output: null,
    metrics: ['read'],
    gates: [],
    plan: (context) => {
      datasets.forEach((name) => context.resolve(DATASET, name));
      return Promise.resolve({ facts: {}, memoryBytes: 0, diskBytes: 0, problems: [] });
    },
    run: (context) => {
      context.metric('read', 1, { step: 1 });
      return Promise.resolve(resultOf());
    },
  }),
});
const idle = definePhase({
  name: 'idle',
  create: () => ({
    title: 'Idle',
    input: null,
    output: null,
    metrics: [],
    gates: [],
    run: () => Promise.resolve(resultOf()),
  }),
});
const engine = defineEngine({
  name: 'abacus',
  create: () => ({
    open: () => Promise.reject(new Error('unused')),
    probe: () => Promise.resolve({ available: true, detail: '' }),
  }),
});

const builtin = (name: string, point: string, factory: unknown): BuiltinCatalogue[number] =>
  ({ name, point, load: () => Promise.resolve(factory) }) as BuiltinCatalogue[number];
const builtins: BuiltinCatalogue = [
  builtin('console', 'sink', sink('console')),
  builtin('jsonl', 'sink', sink('jsonl')),
  builtin('quiet', 'sink', sink('quiet')),
  builtin('read', 'phase', read),
  builtin('novels', 'dataset', books('novels')),
  builtin('files', 'storage', files),
  builtin('lowdb', 'registry', lowdb),
];

async function boot(config: ForgeConfig, options: TestKernelOptions = {}): Promise<TestKernel> {
  const test = await createTestKernel({ builtins, config, ...options });
  opened.push(test);
  return test;
}

describe('sinks that are opened', () => {
  const preset: ForgeConfig = { pipeline: ['read'], sinks: ['jsonl'] };

  it.each<[string, ForgeConfig, string[]]>([
    ['the usual ones', {}, ['console', 'jsonl']],
    ['the usual ones and one that is listed', { plugins: [sink('csv')()] }, ['console', 'jsonl', 'csv']],
    [
      'one that is given options',
      { options: { quiet: {} }, plugins: ['quiet'] },
      ['console', 'jsonl', 'quiet'],
    ],
    ['one listed nearer than the list', { extends: [preset], plugins: [sink('csv')()] }, ['jsonl', 'csv']],
    ['a list in the same place is meant', { plugins: [sink('csv')()], sinks: ['console'] }, ['console']],
    ['a nearer list is meant', { extends: [{ plugins: [sink('csv')()] }], sinks: [] }, []],
    ['null asks for the usual ones again', { extends: [preset], sinks: null }, ['console', 'jsonl']],
  ])('%s', async (_, config, sinks) => {
    const { kernel } = await boot({ pipeline: ['read'], ...config });
    expect(kernel.config.sinks).toEqual(sinks);
    await kernel.run();
    expect([...new Set(heard)].sort()).toEqual([...sinks].sort());
  });

  it('--set wins over what a file lists', async () => {
    const { kernel } = await boot(
      { pipeline: ['read'], plugins: [sink('csv')()] },
      { overrides: [parseOverride('sinks=["jsonl"]')] },
    );
    expect(kernel.config.sinks).toEqual(['jsonl']);
  });
});

describe('a plugin that is listed and has no effect is told by the plan', () => {
  it.each<[string, ForgeConfig, RegExp[]]>([
    ['nothing to tell', { plugins: [sink('csv')(), ['novels', {}]] }, []],
    ['a sink', { plugins: [sink('csv')()], sinks: [] }, [/"csv" .*`sinks`/]],
    ['a phase', { plugins: [idle()] }, [/"idle" .*`pipeline`/]],
    ['an engine', { plugins: [engine()] }, [/"abacus" .*`engine`/]],
    ['a dataset', { plugins: [books('poems')()] }, [/"poems" .*dataset/]],
    [
      'a dataset that is used',
      { plugins: [books('poems')()], phases: { read: { datasets: ['poems'] } } },
      [],
    ],
  ])('%s', async (_, config, patterns) => {
    const { kernel } = await boot({ pipeline: ['read'], ...config });
    const { warnings, problems } = await kernel.plan();
    expect(problems).toEqual([]);
    expect(warnings).toHaveLength(patterns.length);
    patterns.forEach((pattern, index) => expect(warnings[index]).toMatch(pattern));
  });

  it('but nothing is said where a phase does not say what it needs', async () => {
    const { kernel } = await boot({
      pipeline: [idle()],
      plugins: [books('poems')(), sink('csv')()],
      sinks: [],
    });
    expect((await kernel.plan()).warnings).toEqual([expect.stringContaining('"csv"')]);
  });
});

it('a plugin gets absolute paths, and the config keeps those that were written', async () => {
  const { kernel, folder } = await boot({
    pipeline: ['read'],
    plugins: [books('poems')({ file: 'a/b.txt' })],
  });
  const [record] = await kernel.resolve(DATASET, 'poems').load({} as never);
  expect(record!.text).toBe(`${folder}/a/b.txt`);
  expect(kernel.config.plugins).toEqual([{ name: 'poems', options: { file: 'a/b.txt' } }]);
});
