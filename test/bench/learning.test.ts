import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mergeOptions } from '../../bench/learning/merge-options.js';
import { tableOf } from '../../bench/learning/table.js';
import { taskNamed, TASKS } from '../../bench/learning/tasks.js';
import { VARIANTS } from '../../bench/learning/variants.js';
import { optionsOf, run, type Lessons } from '../../bench/learning.js';
import { validated } from '../../core/validation/validated.js';
import { loadValidator } from '../../core/validation/validator.js';
import { CognateOptions } from '../../plugins/phases/cognate/options.js';
import { withTemporaryFolder } from '../../testing/index.js';

test('no two variants have one name', () => {
  expect(new Set(VARIANTS.map(({ name }) => name)).size).toBe(VARIANTS.length);
});

test.each(
  VARIANTS.flatMap((variant) => TASKS.map((task) => [variant.name, task.name, variant, task] as const)),
)('%s on %s: options that phase 1 takes', async (_variant, _task, variant, task) => {
  const validator = await loadValidator();
  const options = optionsOf(task, variant);
  expect(() => validated(validator, CognateOptions, options, 'bench')).not.toThrow();
});
test('an unknown task is named', () => {
  expect(() => taskNamed('juggling')).toThrow(/no task "juggling"/);
});

test('later options win, at any depth', () => {
  expect(mergeOptions({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] } }, { d: { e: 2 } })).toEqual({
    a: { b: 1, c: [3] },
    d: { e: 2 },
  });
});

const SMALL = { records: 300, items: 0, seeds: [3], variants: ['quickstart'] };

test('measures what was learnt', async () => {
  const lines: string[] = [];
  const settings = { ...SMALL, task: 'copying', updates: 2, items: 1 };
  const { results } = await withTemporaryFolder((folder) =>
    run((line) => lines.push(line), { ...settings, folder }),
  );
  const [result] = results as Lessons[];
  const [first, second] = result!.curve;
  expect([first!.update, second!.update, second!.tokens]).toEqual([1, 2, 2 * first!.tokens]);
  // A fresh model knows nothing; two updates teach it something.
  expect(second!.heldOut).toBeLessThan(first!.heldOut);
  expect(first!.heldOut).toBeLessThan(Math.log(1024) + 0.5);
  expect(result!.exact.asked).toBeGreaterThan(0);
  expect(result!.free['tool-calls']).toEqual({ asked: 1, accuracy: 0 });
  expect(result!.natsPerCharacter).toBeNull();
  expect(lines[0]).toMatch(/^quickstart, seed 3: \d+\.\d+ nats after 2 updates/);
  expect(lines.at(-1)).toMatch(/^quickstart \(3\) writes: "/);
}, 120_000);

test('a text is learnt up to nine tenths and scored on the rest, for as long as was said', async () => {
  const sentence = (i: number): string => `The ${['red', 'old', 'tall'][i % 3]} fox met ${i} geese. `;
  const { results } = await withTemporaryFolder(async (folder) => {
    const text = join(folder, 'input.txt');
    await writeFile(text, Array.from({ length: 4000 }, (_, i) => sentence(i)).join(''));
    return run(() => undefined, { ...SMALL, task: 'text', text, seconds: 2, folder });
  });
  const [result] = results as Lessons[];
  expect(result!.updates).toBe(result!.curve.at(-1)!.update);
  expect(result!.updates).toBeGreaterThan(1);
  expect(result!.exact).toEqual({ right: 0, asked: 0 });
  // Better than a guess among 64 characters, worse than knowing the text.
  expect(result!.natsPerCharacter).toBeLessThan(Math.log(64));
  expect(result!.natsPerCharacter).toBeGreaterThan(0.01);
}, 120_000);

test('exact answers are counted by depth and recursion step', async () => {
  const settings = { ...SMALL, records: 120, task: 'depth', updates: 1, threads: 1 };
  const { results } = await withTemporaryFolder((folder) => run(() => undefined, { ...settings, folder }));
  const { curves } = (results as Lessons[])[0]!;
  expect(curves.map(({ dataset }) => dataset)).toEqual(['chains', 'sorting', 'brackets']);
  for (const { exact } of curves) {
    const depths = Object.keys(exact).map(Number);
    expect(depths).toEqual([...depths].sort((a, b) => a - b));
    for (const steps of Object.values(exact)) {
      expect(steps).toHaveLength(3);
      // The same questions after each step.
      expect(new Set(steps.map(({ asked }) => asked)).size).toBe(1);
      for (const { right, asked } of steps) expect(right).toBeLessThanOrEqual(asked);
    }
  }
}, 120_000);

test('a text that nobody names is asked for', async () => {
  await expect(taskNamed('text').open({ records: 1, text: null })).rejects.toMatchObject({
    code: 'AF_USAGE',
    at: 'AGENTFORGE_BENCH_TEXT',
  });
});

test('a table has a column for each result and leaves out what nobody measured', () => {
  const point = { update: 2, tokens: 64, seconds: 1.2, cpuSeconds: 2, heldOut: 3.25 };
  const none = { free: {}, exact: { right: 0, asked: 0 }, toolCalls: { right: 0, asked: 0 }, sample: null };
  const result = (variant: string, heldOut: Record<string, number>): Lessons => ({
    ...{ variant, seed: 1, parameters: 1234, updates: 2, curve: [point], natsPerCharacter: null, curves: [] },
    ...none,
    heldOut,
  });
  const lines = tableOf([result('one', { stories: 1.5 }), result('another', { logic: 2 })]);
  expect(lines.slice(1)).toEqual([
    '                one (1)  another (1)',
    'parameters      1,234    1,234',
    'updates         2        2',
    'seconds         1        1',
    'held out, nats  3.2500   3.2500',
    '  stories       1.500    -',
    '  logic         -        2.000',
  ]);
  expect(tableOf([])).toEqual([]);
});
