import * as fs from 'node:fs';
import * as path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as agentforge from 'agentforge';
import {
  COMPRESSOR,
  DATASET,
  MERGE,
  OPTIMIZER,
  SINK,
  type AnyPluginFactory,
  type Plugin,
} from '../../contracts/index.js';
import * as kit from '../../testing/index.js';
import type { ConformanceCase } from '../../testing/case.js';
import { runSnippet, snippetsOf } from '../support/snippets.js';
import { testConformance } from '../support/conformance.js';

const DOCUMENT = path.join(process.cwd(), 'docs', 'plugins.md');
const modules = {
  agentforge,
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
  'scaled.ts': (file) => kit.mergeConformance(() => implementationOf(MERGE, plugin(file))),
  'latest.ts': (file) => kit.sinkConformance(() => implementationOf(SINK, plugin(file))),
  'squares.ts': (file) => kit.datasetConformance(() => implementationOf(DATASET, plugin(file))),
  'eighth.ts': (file) => kit.compressorConformance(() => implementationOf(COMPRESSOR, plugin(file))),
  'sign-descent.ts': (file) =>
    kit.optimizerConformance(() => implementationOf(OPTIMIZER, plugin(file)), { steps: 20 }),
};

describe.each(Object.entries(suites))('docs/plugins.md: %s conforms', (file, suite) => {
  testConformance(suite(file));
});

test('every named snippet is run by a test', () => {
  const others = ['stop-on-alert.ts', 'greeter.ts', 'greedy-mean.test.ts'];
  expect(snippets.map(({ file }) => file).sort()).toEqual([...Object.keys(suites), ...others].sort());
});

test('the extension point of its own is provided and found', async () => {
  const { GREETER, english } = load('greeter.ts') as {
    GREETER: agentforge.Token<{ greet(name: string): string }>;
    english: () => Plugin;
  };
  expect((await implementationOf(GREETER, english())).greet('you')).toBe('Hello you');
});

test('the test of the documentation registers the whole suite', () => {
  const registered: string[] = [];
  const snippet = snippets.find(({ file }) => file === 'greedy-mean.test.ts')!;
  runSnippet(
    snippet,
    { ...modules, './greedy-mean.js': load('greedy-mean.ts') },
    {
      test: (name: string) => void registered.push(name),
    },
  );
  expect(registered).toEqual(suites['greedy-mean.ts']!('greedy-mean.ts').map(({ name }) => name));
});

test('every factory in the table exists', () => {
  const text = fs.readFileSync(DOCUMENT, 'utf8');
  const factories = [...text.matchAll(/^\| `(define\w+)`/gm)].map((match) => match[1]!);
  const suiteNames = [...text.matchAll(/`(\w+Conformance)` \|$/gm)].map((match) => match[1]!);
  expect(factories.length).toBeGreaterThan(10);
  for (const name of factories) expect(agentforge).toHaveProperty(name, expect.any(Function));
  for (const name of suiteNames) expect(kit).toHaveProperty(name, expect.any(Function));
});
