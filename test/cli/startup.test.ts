import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What takes long to load, and a command that only looks needs none of. */
const HEAVY = [
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-core',
  '@sinclair/typebox',
  'onnxruntime-node',
  'systeminformation',
  'ajv',
  'cosmiconfig',
  'jiti',
  'yaml',
];
const BIN = resolve(__dirname, '../../bin/agentforge.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentforge-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The files that a command of the built package runs, as V8 counts them. */
function loadedBy(...argv: string[]): readonly string[] {
  const coverage = mkdtempSync(join(tmpdir(), 'agentforge-test-'));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: coverage };
    const { status, stderr } = spawnSync(process.execPath, [BIN, ...argv], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const reports = readdirSync(coverage).map((file) => readFileSync(join(coverage, file), 'utf8'));
    const scripts = reports.map(
      (text) => JSON.parse(text) as { readonly result: readonly { readonly url: string }[] },
    );
    return scripts.flatMap(({ result }) => result.map(({ url }) => url));
  } finally {
    rmSync(coverage, { recursive: true, force: true });
  }
}

function heavyIn(files: readonly string[]): readonly string[] {
  // What the build has ajv write uses a few lines of its own.
  const whole = files.filter((file) => !file.includes('/ajv/dist/runtime/'));
  return HEAVY.filter((name) => whole.some((file) => file.includes(`/node_modules/${name}/`)));
}

const own = (files: readonly string[]): number => files.filter((file) => file.includes('/dist/')).length;

describe('commands that only look load little', () => {
  test.each([['--help'], ['--version'], ['status'], ['models'], ['status', '--json']])(
    '%s in an empty folder',
    (...argv) => {
      const files = loadedBy(...argv);
      expect(own(files)).toBeGreaterThan(5);
      expect(heavyIn(files)).toEqual([]);
      // Listings of all there is: whoever needs one thing imports it from where it is.
      expect(
        files.filter((file) => /\/dist\/(core|core\/contracts|nn|plugins|tools)\/index\.js$/.test(file)),
      ).toEqual([]);
    },
  );

  test('a config in JSON needs no parser of YAML', () => {
    writeFileSync(join(folder, 'agentforge.config.json'), '{ "seed": 7 }');
    expect(heavyIn(loadedBy('status'))).toEqual(['cosmiconfig']);
  });

  test('a config in YAML needs its parser, and nothing else', () => {
    writeFileSync(join(folder, 'agentforge.config.yaml'), 'seed: 7\n');
    expect(heavyIn(loadedBy('status'))).toEqual(['cosmiconfig', 'yaml']);
  });

  test('a config in TypeScript needs its loader', () => {
    writeFileSync(join(folder, 'agentforge.config.ts'), 'export default { seed: 7 as number };\n');
    expect(heavyIn(loadedBy('status'))).toEqual(['cosmiconfig', 'jiti']);
  });

  test('help loads a fifth of what status does', () => {
    expect(own(loadedBy('--help'))).toBeLessThan(own(loadedBy('status')) / 4);
  });
});
