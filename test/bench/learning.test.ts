import { mergeOptions } from '../../bench/learning/merge-options.js';
import { taskNamed, TASKS } from '../../bench/learning/tasks.js';
import { VARIANTS } from '../../bench/learning/variants.js';
import { run, type Lessons } from '../../bench/learning.js';
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
  const options = mergeOptions(task.options, variant.options);
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

test('measures what was learnt', async () => {
  const lines: string[] = [];
  const settings = {
    task: 'copying',
    updates: 2,
    seeds: [3],
    variants: ['quickstart'],
    records: 300,
    items: 0,
  };
  const { results } = await withTemporaryFolder((folder) =>
    run((line) => lines.push(line), { ...settings, folder }),
  );
  const [result] = results as Lessons[];
  expect(result!.curve.map(({ update, tokens }) => [update, tokens])).toEqual([
    [1, 2048],
    [2, 4096],
  ]);
  // A fresh model knows nothing; two updates teach it something.
  expect(result!.curve[1]!.heldOut).toBeLessThan(result!.curve[0]!.heldOut);
  expect(result!.curve[0]!.heldOut).toBeLessThan(Math.log(1024) + 0.5);
  expect(result!.exact.asked).toBeGreaterThan(0);
  expect(lines).toHaveLength(1);
}, 120_000);
