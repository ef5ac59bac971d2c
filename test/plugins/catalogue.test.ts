import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCHMARKS } from '../../bench/catalogue.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import * as plugins from '../../plugins/index.js';
import { PRESETS } from '../../presets/catalogue.js';
import * as presets from '../../presets/index.js';

const ROOT = join(__dirname, '../..');

/** `.ts` files of a folder that say something. */
function modulesWith(folder: string, pattern: RegExp): readonly string[] {
  return readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.ts') && pattern.test(readFileSync(join(ROOT, folder, file), 'utf8')))
    .map((file) => file.replace('.ts', ''))
    .sort();
}

/** A catalogue loads by name, an index exports for the compiler: they are written apart, and must say the same. */
describe('catalogues have what the indexes export', () => {
  test('plugins: the same factories', async () => {
    const listed = await Promise.all(BUILTIN_PLUGINS.map(({ load }) => load()));
    expect(new Set<unknown>(listed)).toEqual(new Set(Object.values(plugins)));
    expect(listed.length).toBe(Object.keys(plugins).length);
  });

  test('presets: the same configs', async () => {
    const listed = await Promise.all(Object.values(PRESETS).map((load) => load()));
    const exported = Object.values(presets).map((preset) => preset());
    expect(listed.length).toBe(exported.length);
    for (const config of exported) expect(listed).toContainEqual(config);
    expect(Object.keys(PRESETS).sort()).toEqual(
      readdirSync(join(ROOT, 'presets'))
        .map((file) => file.replace('.ts', ''))
        .filter((name) => name !== 'index' && name !== 'catalogue')
        .sort(),
    );
  });

  test('benchmarks: every module that runs one', async () => {
    const names = BENCHMARKS.map(({ name }) => name);
    // A module may be run in more than one way.
    expect(names).toEqual(expect.arrayContaining(modulesWith('bench', /^export async function run\(/m)));
    for (const { load } of BENCHMARKS) expect(typeof (await load({ cwd: ROOT })).run).toBe('function');
  });
});
