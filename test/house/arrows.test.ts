import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, resolve } from 'node:path';

/**
 * The rules of .dependency-cruiser.cjs on a small house in which every arrow that is forbidden is drawn once, and those
 * that are wanted beside them.
 */

/** A file of each room, with what it is called in the table. */
const ROOMS = {
  errors: 'core/errors/index.ts',
  contracts: 'core/contracts/merge.ts',
  core: 'core/kernel/kernel.ts',
  nn: 'nn/layers/norm.ts',
  storage: 'storage/lock.ts',
  plugins: 'plugins/merges/ties.ts',
  presets: 'presets/smoke.ts',
  tools: 'tools/export/card.ts',
  cli: 'cli/main.ts',
  bench: 'bench/engine.ts',
  testing: 'testing/kernel.ts',
  create: 'create-agentforge/request.ts',
  test: 'test/support/close.ts',
  examples: 'examples/third/mine.ts',
} as const;
type Room = keyof typeof ROOMS;

/** Who may import whom, as CONTRIBUTING.md has it; everything else is refused. Tests and examples import what they like. */
const MAY: Readonly<Record<Exclude<Room, 'test' | 'examples'>, readonly Room[]>> = {
  errors: [],
  contracts: ['errors'],
  core: ['errors', 'contracts', 'storage'],
  nn: ['errors', 'contracts'],
  storage: ['errors', 'contracts'],
  plugins: ['errors', 'contracts', 'nn', 'storage'],
  presets: ['errors', 'contracts', 'plugins'],
  tools: ['errors', 'contracts', 'core', 'nn', 'storage', 'plugins', 'presets', 'testing', 'create'],
  testing: ['errors', 'contracts', 'core', 'nn', 'storage', 'plugins', 'create'],
  cli: [
    ...(['errors', 'contracts', 'core', 'nn', 'storage', 'plugins'] as const),
    ...(['presets', 'tools', 'bench', 'testing', 'create'] as const),
  ],
  bench: [
    ...(['errors', 'contracts', 'core', 'nn', 'storage', 'plugins'] as const),
    ...(['presets', 'tools', 'cli', 'testing', 'create'] as const),
  ],
  create: [],
};

/** Arrows inside of `plugins/`, and the rule each breaks; null for those that are wanted. */
const PLUGIN_ARROWS: readonly (readonly [string, string, string | null])[] = [
  ['plugins/merges/dare.ts', 'plugins/merges/ties.ts', 'plugins-know-no-other-plugin'],
  ['plugins/sinks/jsonl/sink.ts', 'plugins/merges/ties.ts', 'plugins-know-no-other-plugin'],
  ['plugins/sinks/jsonl/sink.ts', 'plugins/merges/shared/method.ts', 'plugins-know-no-other-plugin'],
  ['plugins/sinks/jsonl/sink.ts', 'plugins/sinks/console/line.ts', 'plugins-know-no-other-plugin'],
  ['plugins/merges/shared/method.ts', 'plugins/merges/ties.ts', 'plugins-know-no-other-plugin'],
  ['plugins/merges/dare.ts', 'plugins/merges/shared/method.ts', null],
  ['plugins/sinks/jsonl/sink.ts', 'plugins/sinks/jsonl/file.ts', null],
  ['plugins/merges/index.ts', 'plugins/merges/ties.ts', null],
];

/** Imports of packages: the text of the import, and the rule that it breaks. */
const PACKAGE_ARROWS: readonly (readonly [string, string, string | null])[] = [
  ...['@tensorflow/tfjs', '@huggingface/tokenizers', 'ajv', 'ajv-formats', 'lowdb'].map(heavy),
  ...['cosmiconfig', 'jiti', 'systeminformation', 'yaml', 'onnxruntime-node'].map(heavy),
  ['storage/heavy.ts', `import 'yaml';`, 'heavy-modules-load-lazily'],
  ['cli/heavy.ts', `import 'yaml';`, 'heavy-modules-load-lazily'],
  ['presets/heavy.ts', `import 'yaml';`, 'heavy-modules-load-lazily'],
  ['tools/heavy.ts', `import 'yaml';`, 'heavy-modules-load-lazily'],
  ['core/lazy.ts', `export const yaml = () => import('yaml');`, null],
  ['core/typed.ts', `import type { a } from 'yaml';\nexport type B = typeof a;`, null],
  ['nn/tensors.ts', `import '@tensorflow/tfjs';`, null],
  ['core/contracts/code.ts', `import 'tapable';`, 'contracts-need-types-only'],
  ['core/errors/code.ts', `import 'tapable';`, 'contracts-need-types-only'],
  ['core/contracts/schema.ts', `import '@sinclair/typebox';`, null],
  ['core/contracts/types.ts', `import type { a } from 'tapable';\nexport type B = typeof a;`, null],
  ['plugins/engines/other.ts', `import 'onnxruntime-node';`, 'onnxruntime-is-loaded-in-one-place'],
  ['bench/other.ts', `import 'onnxruntime-node';`, 'onnxruntime-is-loaded-in-one-place'],
  ['plugins/engines/onnxruntime/library.ts', `import 'onnxruntime-node';`, null],
  ['testing/dev.ts', `import 'fast-check';`, 'shipped-code-needs-dependencies'],
  ['nn/unlisted.ts', `import 'left-pad';`, 'shipped-code-needs-dependencies'],
  ['nn/nowhere.ts', `import './not-there.js';`, 'imports-resolve'],
];
function heavy(name: string): readonly [string, string, string] {
  return [`core/heavy-${name.replace(/\W/g, '-')}.ts`, `import '${name}';`, 'heavy-modules-load-lazily'];
}

const CIRCLE = ['nn/round.ts', 'nn/about.ts'] as const;

let house: string;
/** Rules broken by each file, with what they were broken by: `rule: target`. */
let broken: ReadonlyMap<string, readonly string[]>;

const importOf = (from: string, to: string): string =>
  `import '${posix
    .relative(dirname(from), to)
    .replace(/^(?!\.)/, './')
    .replace(/\.ts$/, '.js')}';\n`;

/** Every file of the house: one per pair of rooms, one per arrow. */
function filesOf(): Map<string, string> {
  const files = new Map<string, string>(Object.values(ROOMS).map((path) => [path, 'export {};\n']));
  for (const from of Object.keys(MAY) as (keyof typeof MAY)[])
    for (const to of Object.keys(ROOMS) as Room[])
      if (to !== from) files.set(arrowFile(from, to), importOf(arrowFile(from, to), ROOMS[to]));
  for (const [from, to] of PLUGIN_ARROWS) {
    if (!files.has(to)) files.set(to, 'export {};\n');
    const old = files.get(from) ?? '';
    files.set(from, old + importOf(from, to));
  }
  for (const [from, text] of PACKAGE_ARROWS) files.set(from, `${text}\n`);
  const [a, b] = CIRCLE;
  files.set(a, `${importOf(a, b)}export const a = 1;\n`).set(b, `${importOf(b, a)}export const b = 1;\n`);
  return files;
}

const arrowFile = (from: Room, to: Room): string => `${dirname(ROOMS[from])}/to-${to}.ts`;

const DEPENDENCIES = [
  ...['@tensorflow/tfjs', '@huggingface/tokenizers', 'ajv', 'ajv-formats', 'lowdb', 'cosmiconfig', 'jiti'],
  ...['systeminformation', 'yaml', 'onnxruntime-node', 'tapable', '@sinclair/typebox'],
];

function build(): void {
  const packages = [...DEPENDENCIES, 'fast-check', 'left-pad'];
  for (const name of packages) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, 'exports.a = 1;\n');
  }
  const versions = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
  const manifest = { name: 'house', type: 'module', dependencies: versions(DEPENDENCIES) };
  write('package.json', JSON.stringify({ ...manifest, devDependencies: versions(['fast-check']) }));
  const compilerOptions = { module: 'NodeNext', moduleResolution: 'NodeNext', verbatimModuleSyntax: true };
  write('tsconfig.json', JSON.stringify({ compilerOptions }));
  for (const [path, text] of filesOf()) write(path, text);
}
function write(path: string, text: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
}

interface Cruise {
  readonly summary: {
    readonly violations: readonly { from: string; to: string; rule: { name: string } }[];
  };
}

beforeAll(() => {
  house = realpathSync(mkdtempSync(join(tmpdir(), 'agentforge-house-')));
  build();
  const root = resolve(__dirname, '../..');
  const command = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.cjs');
  const rooms = [...new Set(Object.values(ROOMS).map((path) => path.split('/')[0]!))];
  const words = [command, '--config', config, '--output-type', 'json', ...rooms];
  const { stdout, stderr } = spawnSync(process.execPath, words, {
    ...{ cwd: house, encoding: 'utf8', maxBuffer: 1e8 },
  });
  if (!stdout.startsWith('{')) throw new Error(stderr);
  const found = new Map<string, string[]>();
  for (const { from, to, rule } of (JSON.parse(stdout) as Cruise).summary.violations)
    found.set(from, [...(found.get(from) ?? []), `${rule.name}: ${to}`]);
  broken = found;
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

describe.each(Object.keys(MAY) as (keyof typeof MAY)[])('%s', (from) => {
  const others = (Object.keys(ROOMS) as Room[]).filter((to) => to !== from);

  test.each(others)('and %s', (to) => {
    const rules = (broken.get(arrowFile(from, to)) ?? []).filter((rule) => rule.endsWith(ROOMS[to]));
    if (MAY[from].includes(to)) expect(rules).toEqual([]);
    else expect(rules).not.toEqual([]);
  });
});

test.each(PLUGIN_ARROWS)('%s to %s: %s', (from, to, rule) => {
  const rules = (broken.get(from) ?? []).filter((each) => each.endsWith(to));
  expect(rules).toEqual(rule === null ? [] : [`${rule}: ${to}`]);
});

test.each(PACKAGE_ARROWS)('%s with %j: %s', (from, _text, rule) => {
  const names = (broken.get(from) ?? []).map((each) => each.split(':')[0]);
  if (rule === null) expect(names).toEqual([]);
  else expect(names).toContain(rule);
});

test('code that goes round in a circle', () => {
  const [a, b] = CIRCLE;
  const both = [...(broken.get(a) ?? []), ...(broken.get(b) ?? [])];
  expect(both).toEqual([expect.stringMatching(/^no-circular: nn\/(about|round)\.ts$/)]);
});
