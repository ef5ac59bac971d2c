import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PRESETS } from '../../presets/catalogue.js';
import { outsideNpm, registryMissing, registryWith, type Registry } from '../support/npm-registry.js';

jest.setTimeout(600_000);

const missing = registryMissing();
const online = missing === null ? describe : describe.skip;

let folder: string;
let registry: Registry;

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  /** Both streams, as a terminal shows them. */
  readonly screen: string;
}

/** Type a line into a shell. */
function type(line: string, cwd: string, settings: NodeJS.ProcessEnv = {}): Promise<Finished> {
  const env: NodeJS.ProcessEnv = {
    ...outsideNpm(),
    npm_config_registry: registry.url,
    npm_config_replace_registry_host: 'never',
    npm_config_update_notifier: 'false',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    NO_COLOR: '1',
    ...settings,
  };
  const child = spawn(line, { cwd, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, screen] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    screen += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => void (screen += chunk.toString()));
  return new Promise((done) => child.on('close', (code) => done({ code, stdout, screen })));
}

async function typed(line: string, cwd: string, settings?: NodeJS.ProcessEnv): Promise<Finished> {
  const finished = await type(line, cwd, settings);
  if (finished.code !== 0) throw new Error(`${line} exited ${finished.code}:\n${finished.screen}`);
  return finished;
}

/** Nothing that the package does not bring itself: the install script of onnxruntime-node adds CUDA libraries. */
function downloaded(project: string): string[] {
  const binaries = join(project, 'node_modules', 'onnxruntime-node', 'bin');
  return readdirSync(binaries, { recursive: true })
    .map(String)
    .filter((file) => /cuda|tensorrt/i.test(file));
}

/** A run of seconds: the preset for that, or the quickstart with the least it takes. */
const QUICK =
  'smoke' in PRESETS
    ? { preset: 'smoke', flags: '' }
    : {
        preset: 'quickstart',
        flags: ` --set 'pipeline=["cognate"]' --set phases.cognate.maxSteps=6 --set phases.cognate.training.rows=2 --set phases.cognate.fisherBatches=1 --set phases.cognate.probeRows=2 --set phases.cognate.data.evaluationRows=2`,
      };

beforeAll(async () => {
  if (missing !== null) return;
  if (!existsSync('create-agentforge/dist/bin.js')) throw new Error('dist/ is missing: npm run build');
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'agentforge-create-')));
  registry = await registryWith(['.', 'create-agentforge'], folder);
});
afterAll(async () => {
  if (missing !== null) return;
  await registry.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

online(
  `from an empty folder, with the registry alone${missing === null ? '' : `: skipped, ${missing}`}`,
  () => {
    test('npm create agentforge, the two commands it prints, and the tests of the project', async () => {
      // A cache of its own: npx would keep this build in the user's.
      const own = { npm_config_cache: join(folder, 'cache'), npm_config_yes: 'true' };
      const created = await typed(`npm create agentforge my-models -- --preset ${QUICK.preset}`, folder, own);
      const [enter, run, ...others] = [...created.stdout.matchAll(/^ {2}(.*)$/gm)].map(([, line]) => line!);
      expect({ enter, run, others }).toEqual({
        enter: 'cd my-models && npm install',
        run: 'npx agentforge run',
        others: [],
      });
      const project = join(folder, 'my-models');

      const installed = await typed(enter!, folder);
      expect(installed.screen).not.toMatch(/npm (warn|error)/i);
      expect(downloaded(project)).toEqual([]);

      const ran = await typed(`${run!}${QUICK.flags}`, project);
      expect(ran.screen).not.toMatch(/npm (warn|error)/i);
      expect(readdirSync(join(project, '.agentforge', 'artifacts')).length).toBeGreaterThan(0);

      expect((await typed('npm test', project)).stdout).toMatch(/^. fail 0$/m);
      await typed('npm run check', project);
    });

    test('options that npm keeps for itself are told and not lost', async () => {
      const own = { npm_config_cache: join(folder, 'cache'), npm_config_yes: 'true' };
      const { code, screen } = await type('npm create agentforge other --preset seeds-25m', folder, own);
      expect(code).toBe(2);
      expect(screen).toContain('npm create agentforge -- --preset');
      expect(existsSync(join(folder, 'other'))).toBe(false);
    });

    test('the commands of the README for a project that is there already', async () => {
      const [, section = ''] =
        /^## Installing as a package\n(.*?)^## /ms.exec(readFileSync('README.md', 'utf8')) ?? [];
      const block = [...section.matchAll(/^```sh\n(.*?)^```/gms)]
        .map(([, code]) => code!)
        .find((code) => code.includes('npm install agentforge'));
      const lines = block!
        .split('\n')
        .map((line) => line.replace(/ +#.*$/, ''))
        .filter((line) => line !== '');
      const project = join(folder, 'existing');
      mkdirSync(project);
      await typed('npm init -y', project);
      for (const line of lines) expect((await typed(line, project)).screen).not.toMatch(/npm (warn|error)/i);
      expect(downloaded(project)).toEqual([]);
      const { dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
        dependencies: Record<string, string>;
      };
      expect(Object.keys(dependencies)).toEqual(['agentforge']);
    });
  },
);
