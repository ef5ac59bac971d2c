import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { quietTensorflowCopies } from '../../cli/tensorflow-copies.js';
import { temporaryFolder } from '../support/cli.js';

const ROOT = resolve(__dirname, '../..');
const PACKAGES = ['', '-core', '-backend-cpu', '-backend-webgl', '-converter', '-data', '-layers'];
const SHARED = ['long', 'node-fetch', 'seedrandom', 'string_decoder'];

const PHASE = `
const engine = await ctx.engine();
const tf = await import('@tensorflow/tfjs');
console.warn('a warning of the plugin');
console.warn('square', Array.from(tf.tensor1d([1, 2, 3]).square().dataSync()).join());
return { models: [], metrics: {}, gates: [], handoff: null, warnings: [] };`;

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
  brought();
  const project = join(folder.path, 'project');
  mkdirSync(join(project, 'node_modules'), { recursive: true });
  symlinkSync(join(folder.path, 'plugin'), join(project, 'node_modules/agentforge-plugin-own'));
  writeFileSync(join(project, 'package.json'), '{}');
});
afterAll(() => folder.remove());

/** A plugin package with a second copy of TensorFlow.js below it; what that needs itself is shared. */
function brought(): void {
  const modules = join(folder.path, 'plugin/node_modules');
  for (const suffix of PACKAGES) {
    const from = join(ROOT, `node_modules/@tensorflow/tfjs${suffix}`);
    const to = join(modules, `@tensorflow/tfjs${suffix}`);
    const { main } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as {
      readonly main: string;
    };
    for (const file of ['package.json', main]) cpSync(join(from, file), join(to, file));
  }
  for (const name of SHARED) {
    const from = join(ROOT, 'node_modules', name);
    if (existsSync(from)) symlinkSync(from, join(modules, name));
  }
  const write = (name: string, text: string): void => writeFileSync(join(folder.path, 'plugin', name), text);
  write(
    'package.json',
    '{"name":"agentforge-plugin-own","version":"1.0.0","type":"module","main":"late.js"}',
  );
  const phase = `import { definePhase } from 'agentforge';
export default definePhase({ name: 'own', create: () => ({ title: 'Own', input: null, output: null, metrics: [], gates: [],
  run: async (ctx) => {${PHASE}} }) });\n`;
  write('late.js', phase);
  write('early.js', `import '@tensorflow/tfjs';\n${phase}`);
}

test.each(['early', 'late'])('a second copy that is loaded %s is told once, with its place', (when) => {
  const project = join(folder.path, 'project');
  writeFileSync(
    join(project, 'agentforge.config.ts'),
    `import own from 'agentforge-plugin-own/${when}.js';\nexport default { pipeline: [own()] };\n`,
  );
  const node = ['--import', join(ROOT, 'test/support/run-typescript.mjs'), join(ROOT, 'cli/bin.ts')];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, 'run', '--quiet'], {
    cwd: project,
    env: { ...process.env, NO_COLOR: '1' },
    encoding: 'utf8',
  });
  const lines = stderr.trimEnd().split('\n');
  expect({ status, stdout, lines: lines.length }).toEqual({ status: 0, stdout: '', lines: 3 });
  const told = lines.filter((line) => line.startsWith('warning TensorFlow.js is loaded 2 times, from '));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(join(realpathSync(folder.path), 'plugin/node_modules'));
  expect(told[0]).toContain('`peerDependencies`');
  expect(lines.filter((line) => line !== told[0])).toEqual(['a warning of the plugin', 'square 1,4,9']);
});

test('warnings of everybody else pass, also one that says the same where there is one copy', () => {
  const heard: unknown[] = [];
  const original = (...values: unknown[]): void => void heard.push(values);
  const target = { warn: original };
  const giveBack = quietTensorflowCopies((message) => void heard.push(message), target);
  target.warn('%s of %d', 'one', 2);
  target.warn("The kernel 'Add' for backend 'mine' is already registered");
  target.warn(new Error('broken').message, { a: 1 });
  expect(heard).toEqual([
    ['%s of %d', 'one', 2],
    ["The kernel 'Add' for backend 'mine' is already registered"],
    ['broken', { a: 1 }],
  ]);
  giveBack();
  expect(target.warn).toBe(original);
});
