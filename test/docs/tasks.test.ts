import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as agentforge from 'agentforge';
import * as nn from 'agentforge/nn';
import { CHECKER, TASK_GENERATOR } from '../../core/contracts/task.js';
import type { AnyPluginFactory, Forge, Plugin } from '../../core/contracts/index.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import * as kit from '../../testing/index.js';
import { testConformance } from '../support/conformance.js';
import { runSnippet, snippetsOf } from '../support/snippets.js';

const DOCUMENT = join('docs', 'tasks.md');
const text = readFileSync(DOCUMENT, 'utf8');
const { implementationOf } = kit;

const load = (name: string): Record<string, unknown> =>
  runSnippet(
    snippetsOf(DOCUMENT).find(({ file }) => file === name)!,
    {
      agentforge,
      'agentforge/nn': nn,
      'agentforge/testing': kit,
    },
  );
const pluginIn = (name: string): Plugin => (load(name)['default'] as () => Plugin)();

async function builtin(name: string): Promise<AnyPluginFactory & { (options?: object): Plugin }> {
  return (await BUILTIN_PLUGINS.find((one) => one.name === name)!.load()) as never;
}
const namesOf = (point: string): string[] =>
  BUILTIN_PLUGINS.filter((one) => one.point === point).map(({ name }) => name);
const quoted = (cell: string): string[] => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!);

const ROWS = [...text.matchAll(/^\| `([\w-]+-tasks)` \| (.*?) \| .*? \| (.*) \|$/gm)].map(
  ([, name, concepts, options]) => ({ name: name!, concepts: quoted(concepts!), options: options! }),
);

test('every generator is told, in the table or below it', () => {
  const below = [...text.matchAll(/^- \*\*`([\w-]+)`\*\*/gm)].map(([, name]) => name!);
  expect([...ROWS.map(({ name }) => name), ...below].sort()).toEqual(namesOf('task-generator').sort());
});

test.each(ROWS)('$name has these concepts, options and defaults', async ({ name, concepts, options }) => {
  const factory = await builtin(name);
  expect((await implementationOf(TASK_GENERATOR, factory())).concepts).toEqual(concepts);
  const properties = (factory.optionsSchema as unknown as { properties: Record<string, { default: number }> })
    .properties;
  const told = [...options.matchAll(/`(\w+)` (\d+)/g)].map(([, option, value]) => [option!, Number(value)]);
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(Object.entries(properties).map(([option, schema]) => [option, schema.default])),
  );
});

test('every checker is told', () => {
  const rows = [...text.matchAll(/^\| `([\w-]+)` \| [^|]* \|$/gm)].map(([, name]) => name!);
  expect(rows.sort()).toEqual(namesOf('checker').sort());
});

test('questions are had from a container', async () => {
  const { sums } = load('questions.ts') as {
    sums: (forge: Forge, difficulty: number, seed: number) => unknown[];
  };
  const factory = await builtin('arithmetic-tasks');
  const resolved = await implementationOf(TASK_GENERATOR, factory({ largest: 9, steps: 4 }));
  const asked: unknown[] = [];
  const forge = { resolve: (...wanted: unknown[]) => (asked.push(wanted), resolved) } as unknown as Forge;
  expect(sums(forge, 30, 1)).toEqual(sums(forge, 30, 1));
  expect(asked[0]).toEqual([TASK_GENERATOR, 'arithmetic-tasks', { largest: 9, steps: 4 }]);
});

test('levels of a student begin where its accuracy falls', async () => {
  const { levelsOf } = load('assessment.ts') as {
    levelsOf: (...given: unknown[]) => Promise<{ verdict: string; levels: number[] }>;
  };
  const generator = await implementationOf(TASK_GENERATOR, (await builtin('arithmetic-tasks'))());
  const checker = await implementationOf(CHECKER, (await builtin('number'))());
  const student = kit.curveStudent((difficulty) => Number(difficulty <= 40));
  const { verdict, levels } = await levelsOf(student, generator, checker);
  expect([verdict, levels.length, levels[9]]).toEqual(['found', 10, 100]);
  expect(Math.abs(levels[0]! - 40)).toBeLessThan(3);
});

test('95 of 100 baselines are as near as is told, after as many questions', async () => {
  const [, within] = /within ([\d.]+) of the true one/.exec(text)!;
  const [, told] = /after (\d+) questions/.exec(text)!;
  for (const [middle, width] of [
    [15, 4],
    [40, 3],
    [60, 6],
    [75, 5],
    [95, 6],
  ] as const) {
    const errors: number[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const random = nn.random.stream(seed, 'docs', middle);
      const accuracy = (difficulty: number) => 1 / (1 + Math.exp((difficulty - middle) / width));
      const { baseline, curve } = await nn.curriculum.probeBaseline(async (difficulty, questions) =>
        Array.from({ length: questions }, () => Number(random.uniform() < accuracy(difficulty))).reduce(
          (a, b) => a + b,
        ),
      );
      errors.push(Math.abs(baseline - (middle - width * Math.log(3))));
      expect(curve.reduce((sum, { asked }) => sum + asked, 0)).toBeLessThanOrEqual(Number(told));
    }
    expect(errors.sort((a, b) => a - b)[189]).toBeLessThan(Number(within));
  }
});

describe('the generator of the document', () => {
  testConformance(
    kit.taskGeneratorConformance(() => implementationOf(TASK_GENERATOR, pluginIn('parity-tasks.ts'))),
  );
});

describe('the checker of the document', () => {
  testConformance(kit.checkerConformance(() => implementationOf(CHECKER, pluginIn('set-checker.ts'))));
});
