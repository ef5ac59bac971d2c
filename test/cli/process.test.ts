import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectFolder } from '../support/cli.js';
import { TOY_CONFIG } from '../support/toy-config.js';

/** What only a process of its own can show: signals, closed pipes, promises that nobody waits for. */
const ROOT = resolve(__dirname, '../..');

let folder: ReturnType<typeof projectFolder>;
beforeAll(() => {
  folder = projectFolder(TOY_CONFIG);
  const plugin = (name: string, apply: string): void =>
    writeFileSync(
      join(folder.path, `${name}.ts`),
      `import { definePlugin } from 'agentforge';\nexport default definePlugin({ name: '${name}', apply(forge) { ${apply} } });\n`,
    );
  plugin(
    'stray',
    `forge.hooks.onBeforePhase.tap('stray', () => { void Promise.reject(new Error('nobody waits')); });`,
  );
  plugin('talking', `console.log('hello'); console.info('there'); console.table([1]);`);
  plugin('leaving', `forge.hooks.onBeforePhase.tap('leaving', () => process.exit(0));`);
  plugin(
    'late',
    `forge.hooks.onDispose.tap('late', () => void setTimeout(() => { throw new Error('too late'); }, 300));`,
  );
  plugin('stuck', `return new Promise(() => undefined);`);
  plugin('clinging', `forge.hooks.onDispose.tapPromise('x', () => new Promise(() => undefined));`);
  plugin(
    'slow',
    `forge.hooks.onBeforePhase.tapPromise('slow', () => new Promise(() => setInterval(() => undefined, 1000)));`,
  );
});
afterAll(() => folder.remove());

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param first a descriptor for standard output, or the first word */
function start(first: string | number, ...rest: string[]): ChildProcess {
  const argv = typeof first === 'string' ? [first, ...rest] : rest;
  const node = ['--import', join(ROOT, 'test/support/run-typescript.mjs'), join(ROOT, 'cli/bin.ts')];
  return spawn(process.execPath, [...node, ...argv], {
    cwd: folder.path,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['pipe', typeof first === 'number' ? first : 'pipe', 'pipe'],
  });
}

function ended(child: ChildProcess, onText: (text: string) => void = () => undefined): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => onText((stdout += chunk.toString())));
  child.stderr?.on('data', (chunk: Buffer) => onText((stderr += chunk.toString())));
  return new Promise((done) => child.on('close', (code) => done({ code, stdout, stderr })));
}

test('a promise of a plugin that nobody waits for fails the run in its name, exit 1', async () => {
  const { code, stderr } = await ended(start('run', '--set', 'plugins=["./stray.ts"]'));
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error AF_PLUGIN_STRAY {2}Hook onBeforePhase of plugin "stray" left work behind that failed: nobody waits$/m,
  );
});

test('what a plugin prints does not stand beside the one document', async () => {
  const { code, stdout, stderr } = await ended(start('run', '--json', '--set', 'plugins=["./talking.ts"]'));
  expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  expect(stderr).toContain('hello\nthere\n');
  expect(code).toBe(0);
});

test('a plugin that ends the process is told of, exit 1', async () => {
  const { code, stderr } = await ended(start('run', '--set', 'plugins=["./leaving.ts"]'));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error AF_PLUGIN_STRAY {2}The process was ended before the command had finished/m);
});

test('what fails after the end is a warning: the run and its document stay as they are', async () => {
  const { code, stdout, stderr } = await ended(start('run', '--json', '--set', 'plugins=["./late.ts"]'));
  expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  expect(stderr).toMatch(/^warning Something that a plugin .* failed after the end: too late$/m);
  expect(stderr).not.toContain('AF_');
  expect(code).toBe(0);
});

test('a plugin whose apply never settles is named, exit 1', async () => {
  const { code, stderr } = await ended(start('run', '--set', 'plugins=["./stuck.ts"]'));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error AF_PLUGIN_NEVER_SETTLED {2}Apply of plugin "stuck" waits/m);
});

test('a farewell that never settles keeps the exit code of the run and is a warning', async () => {
  const { code, stderr } = await ended(start('run', '--quiet', '--set', 'plugins=["./clinging.ts"]'));
  expect(stderr).toMatch(/^warning Hook onDispose of plugin "clinging" waits/m);
  expect(stderr).not.toContain('AF_');
  expect(code).toBe(0);
});

const fullDisk = existsSync('/dev/full') ? test : test.skip;
fullDisk('standard output on a full disk costs the text and not the run', async () => {
  const full = openSync('/dev/full', 'w');
  try {
    const text = await ended(start(full, 'run'));
    expect(text.stderr.match(/^warning Standard output cannot be written any more/gm)).toHaveLength(1);
    expect(text.stderr).not.toContain('AF_INTERNAL');
    expect(text.code).toBe(0);
    const document = await ended(start(full, 'plugins', '--json'));
    expect(document.stderr).toContain('error AF_STORAGE_IO');
    expect(document.code).toBe(1);
  } finally {
    closeSync(full);
  }
});

test('a phase that waits for ever is reported when nothing is left that could end it', async () => {
  const { code, stderr } = await ended(start('run', '--set', 'phases.toy.hang=true', '--quiet'));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error AF_PHASE_NEVER_SETTLED /m);
});

test('the first Ctrl-C asks for a pause, the second quits at once with 130', async () => {
  const child = start('run', '--set', 'plugins=["./slow.ts"]');
  let pressed = 0;
  const { code, stderr } = await ended(child, (text) => {
    const ready = [text.includes('session session_'), text.includes('Ctrl-C again quits')][pressed];
    if (ready === true && pressed++ < 2) child.kill('SIGINT');
  });
  expect(stderr).toContain('Ctrl-C again quits at once');
  expect({ code, pressed }).toEqual({ code: 130, pressed: 2 });
});

test('a reader that goes away is no error', async () => {
  const child = start('plugins', '--json');
  child.stdout?.destroy();
  const { code, stderr } = await ended(child);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
