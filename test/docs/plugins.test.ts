import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as agentforge from 'agentforge';
import {
  COMMAND,
  COMPRESSOR,
  DATASET,
  MERGE,
  OPTIMIZER,
  SINK,
  type AnyPluginFactory,
  type CommandProject,
  type Plugin,
} from '../../core/contracts/index.js';
import { weightReport } from '../../examples/third-party-phase/weight-report.js';
import * as kit from '../../testing/index.js';
import * as merges from 'agentforge/merges';
import * as phases from '../../plugins/phases/shared/index.js';
import { byteBpe, onnxruntime, titansMag } from '../../plugins/index.js';
import type { ConformanceCase } from '../../testing/case.js';
import { runSnippet, snippetsOf } from '../support/snippets.js';
import { testConformance } from '../support/conformance.js';

const DOCUMENT = path.join(process.cwd(), 'docs', 'plugins.md');
const modules = {
  agentforge,
  'agentforge/merges': merges,
  'agentforge/phases': phases,
  'agentforge/testing': kit,
  '@tensorflow/tfjs': tf,
  'node:fs': fs,
  'node:path': path,
};
const snippets = snippetsOf(DOCUMENT);
const { implementationOf } = kit;

function load(file: string): Record<string, unknown> {
  return runSnippet(
    snippets.find((snippet) => snippet.file === file)!,
    modules,
  );
}

/** The plugin a snippet exports as its default, made without options. */
function plugin(file: string): Plugin {
  return (load(file)['default'] as AnyPluginFactory & (() => Plugin))();
}

const suites: Readonly<Record<string, (file: string) => readonly ConformanceCase[]>> = {
  'greedy-mean.ts': (file) => kit.mergeConformance(() => implementationOf(MERGE, plugin(file))),
  'blend.ts': (file) => kit.mergeConformance(() => implementationOf(MERGE, plugin(file))),
  'scaled.ts': (file) => kit.mergeConformance(() => implementationOf(MERGE, plugin(file))),
  'latest.ts': (file) => kit.sinkConformance(() => implementationOf(SINK, plugin(file))),
  'squares.ts': (file) => kit.datasetConformance(() => implementationOf(DATASET, plugin(file))),
  'eighth.ts': (file) => kit.compressorConformance(() => implementationOf(COMPRESSOR, plugin(file))),
  'sign-descent.ts': (file) =>
    kit.optimizerConformance(() => implementationOf(OPTIMIZER, plugin(file)), { steps: 20 }),
  'half-precision.ts': (file) =>
    kit.phaseConformance(() => plugin(file), {
      before: [kit.handoffPhase('evomerge-to-quietstar')],
      plugins: [kit.tinyDataset(), byteBpe(), titansMag(), onnxruntime({ threads: 1 })],
      // It reports nothing while it works, so that no event could ask for a pause.
      pauseAfter: [],
    }),
};

describe.each(Object.entries(suites))('docs/plugins.md: %s conforms', (file, suite) => {
  testConformance(suite(file));
});

test('every named snippet is run by a test', () => {
  const others = [
    'stop-on-alert.ts',
    'greeter.ts',
    'count.ts',
    // Types alone: the compiler checks them with the other blocks.
    'my-events.ts',
    'greedy-mean.test.ts',
    'weight-report.test.ts',
  ];
  expect(snippets.map(({ file }) => file).sort()).toEqual([...Object.keys(suites), ...others].sort());
});

test('the extension point of its own is provided and found', async () => {
  const { GREETER, english } = load('greeter.ts') as {
    GREETER: agentforge.Token<{ greet(name: string): string }>;
    english: () => Plugin;
  };
  expect((await implementationOf(GREETER, english())).greet('you')).toBe('Hello you');
});

/** What a documented test file registers with node:test. */
function testsOf(file: string, own: Readonly<Record<string, unknown>>): readonly ConformanceCase[] {
  const registered: ConformanceCase[] = [];
  const snippet = snippets.find((each) => each.file === file)!;
  const test = (name: string, run: () => Promise<void>) => void registered.push({ name, run });
  runSnippet(snippet, { ...modules, 'node:assert/strict': assert, 'node:test': { test }, ...own });
  return registered;
}

describe('the test files of the documentation run the whole suite, and pass', () => {
  const merge = testsOf('greedy-mean.test.ts', { './greedy-mean.ts': load('greedy-mean.ts') });
  testConformance(merge);
  testConformance(testsOf('weight-report.test.ts', { './weight-report.ts': { weightReport } }));

  test('with a case of its own', () => {
    const suite = suites['greedy-mean.ts']!('greedy-mean.ts').map(({ name }) => name);
    expect(merge.map(({ name }) => name)).toEqual([...suite, 'the largest weight counts twice']);
  });
});

test('the table of options of the suites is what they take', () => {
  const folder = path.join(process.cwd(), 'testing', 'conformance');
  const taken = fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const source = entry.isFile() ? fs.readFileSync(path.join(folder, entry.name), 'utf8') : '';
    const [, kind, body] = /export interface (\w+)ConformanceOptions \{(.*?)^\}/ms.exec(source) ?? [];
    if (kind === undefined || body === undefined) return [];
    const names = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name!);
    return [`${kind[0]!.toLowerCase()}${kind.slice(1)}: ${names.join(', ')}`];
  });
  const text = fs.readFileSync(DOCUMENT, 'utf8');
  const told = [...text.matchAll(/^\| `(\w+)Conformance` *\| (.*) \|$/gm)].map(([, kind, options]) => {
    const names = [...options!.matchAll(/(?<=(?:^|, |alone, )`)(\w+)/g)].map(([, name]) => name!);
    return `${kind!}: ${names.join(', ')}`;
  });
  expect(told.sort()).toEqual(taken.sort());
});

test('every factory in the table exists', () => {
  const text = fs.readFileSync(DOCUMENT, 'utf8');
  const factories = [...text.matchAll(/^\| `(define\w+)`/gm)].map((match) => match[1]!);
  const suiteNames = [...text.matchAll(/`(\w+Conformance)` \|$/gm)].map((match) => match[1]!);
  expect(factories.length).toBeGreaterThan(10);
  for (const name of factories) expect(agentforge).toHaveProperty(name, expect.any(Function));
  for (const name of suiteNames) expect(kit).toHaveProperty(name, expect.any(Function));
});

test('the command counts what the project has', async () => {
  const { run } = await implementationOf(COMMAND, plugin('count.ts'));
  const written: string[] = [];
  const io = {
    write: (text: string) => void written.push(text),
    error: () => undefined,
    json: (document: unknown) => void written.push(JSON.stringify(document)),
    columns: 80,
  };
  const project = { models: () => Promise.resolve([{}, {}]) } as unknown as CommandProject;
  const exit = await run({
    project,
    flags: { most: 10 },
    args: [],
    io,
    signal: new AbortController().signal,
  });
  expect({ exit, written }).toEqual({ exit: 0, written: ['{"models":2}', '2 models\n'] });
});
