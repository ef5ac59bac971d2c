import { run, type MeasuredMerge, type MethodReport } from '../../bench/merge.js';
import { BENCHMARKS } from '../../bench/catalogue.js';
import { methodRecipes } from '../../bench/merge/recipes.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import { existsSync } from 'node:fs';
import { runCli, TestIo } from '../support/cli.js';

const inThisProcess = async (recipe: string, output: string, folder: string): Promise<MeasuredMerge> => {
  const result = await runCli(['merge', recipe, '-o', output, '--json', '--quiet'], new TestIo(folder));
  expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: '' });
  return result.document<MeasuredMerge & Record<string, unknown>>();
};

test('techniques are merged and measured; linear and slerp against reading and writing', async () => {
  const lines: string[] = [];
  let folder = '';
  const report = await run((line) => void lines.push(line), {
    bytes: 1.2e6,
    dtype: 'BF16',
    trials: 1,
    methods: ['dare', 'linear', 'slerp'],
    merge: (recipe, output, at) => {
      folder = at;
      return inThisProcess(recipe, output, at);
    },
  });
  const methods = report['methods'] as Record<string, MethodReport>;
  expect(Object.keys(methods).sort()).toEqual(['dare', 'linear', 'slerp']);
  expect(lines).toHaveLength(4);
  for (const [name, method] of Object.entries(methods)) {
    const compared = name === 'linear' || name === 'slerp';
    expect([name, method.gigabytesPerSecond > 0, method.peakMemoryBytes > 0]).toEqual([name, true, true]);
    expect([name, method.ratio !== null, method.firstRatio !== null]).toEqual([name, compared, compared]);
  }
  expect([methods['linear']!.models, methods['dare']!.models]).toEqual([3, 4]);
  const { seconds, readWriteSeconds, ratio } = methods['slerp']!;
  expect(ratio).toBeCloseTo(seconds / readWriteSeconds!, 9);
  expect(report).toMatchObject({ dtype: 'BF16', checkpoints: 4, ratioLimit: 2 });
  expect(existsSync(folder)).toBe(false);
});

test('there is a recipe for every technique of this package', async () => {
  const recipes = await methodRecipes();
  const names = BUILTIN_PLUGINS.filter(({ point }) => point === 'merge').map(({ name }) => name);
  expect(recipes.map(({ method }) => method)).toEqual(names);
  expect(recipes.find(({ method }) => method === 'ties')!.reads).toEqual(['base', 'a', 'b', 'c']);
  expect(recipes.find(({ method }) => method === 'nuslerp')!.reads).toEqual(['a', 'b']);
});

test('the benchmark is listed', () => {
  expect(BENCHMARKS.map(({ name }) => name)).toContain('merge');
});
