import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { visibleWidth } from '../../plugins/sinks/console/terminal/index.js';
import { runCli, projectFolder, temporaryFolder, TestIo } from '../support/cli.js';
import { TOY_CONFIG } from '../support/toy-config.js';

/** One project with one completed session; nothing here changes it but the last group. */
let folder: ReturnType<typeof projectFolder>;
let sessionId: string;
beforeAll(async () => {
  folder = projectFolder(TOY_CONFIG);
  const made = await run('run', '--json');
  sessionId = made.document<{ sessionId: string }>().sessionId;
});
afterAll(() => folder.remove());

const run = (...argv: string[]) => runCli(argv, new TestIo(folder.path));
const json = async (...argv: string[]) => (await run(...argv, '--json')).document();

describe('status', () => {
  test('sessions', async () => {
    const { exitCode, stdout } = await run('status');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${sessionId} +completed +second +100 % `, 'm'));
    expect(await json('status')).toMatchObject({ sessions: [{ id: sessionId, status: 'completed' }] });
  });

  test.each([
    ['its id', () => sessionId],
    ['latest', () => 'latest'],
  ])('one session by %s', async (_, id) => {
    const { stdout } = await run('status', '--session', id());
    expect(stdout).toMatch(/^toy +completed .* 2 of 2$/m);
    expect(stdout).toMatch(/^counter +toy +6 /m);
    expect(await json('status', '--session', id())).toMatchObject({
      session: { id: sessionId },
      phases: [{ phase: 'toy' }, { phase: 'second' }],
      models: [{}, {}],
    });
  });

  test('a session took what its phases took, whenever it is pinned', async () => {
    const took = async () =>
      / completed +second +100 % +[\d-]+ [\d:]+ +([\d.]+ s)/.exec((await run('status')).stdout)![1];
    const { phases } = await json('status', '--session', sessionId);
    const seconds = (phases as { duration_seconds: number }[]).reduce(
      (sum, each) => sum + each.duration_seconds,
      0,
    );
    expect(await took()).toBe(`${seconds.toFixed(1)} s`);
    await run('pin', sessionId);
    expect(await took()).toBe(`${seconds.toFixed(1)} s`);
    await run('unpin', sessionId);
  });

  test('an unknown session', async () => {
    const { exitCode, stderr } = await run('status', '--session', `${sessionId}x`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('AF_REGISTRY_NOT_FOUND');
    expect(stderr).toContain(`Did you mean ${sessionId}?`);
  });

  test('a folder without config or sessions', async () => {
    const empty = temporaryFolder();
    writeFileSync(join(empty.path, 'package.json'), '{}');
    const { exitCode, stdout } = await runCli(['status'], new TestIo(empty.path));
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: 'No sessions yet: agentforge run starts one.\n',
    });
    empty.remove();
  });
});

describe('models', () => {
  test('all, newest first, and filtered', async () => {
    expect((await run('models')).stdout).toMatch(/^child +second +6 [\s\S]*^counter +toy +6 /m);
    expect(await json('models', '--phase', 'toy')).toMatchObject({ models: [{ name: 'counter' }] });
    expect(await json('models', '--search', 'CHI')).toMatchObject({ models: [{ name: 'child' }] });
    expect(await json('models', '--session', 'other')).toEqual({ models: [] });
  });

  test('one by name, with lineage, metrics and files', async () => {
    const { stdout } = await run('models', 'child');
    expect(stdout).toContain(`toy_counter_${sessionId} from phase toy`);
    expect(stdout).toMatch(/final_loss +0\.5/);
    const document = await json('models', 'latest');
    expect(document).toMatchObject({
      name: 'child',
      lineage: [{ depth: 1, known: true, phase: 'toy' }],
      heldOut: [{ dataset: 'toy-set' }, { dataset: null }],
    });
    const [weights] = document['files'] as { path: string }[];
    expect(existsSync(weights?.path ?? '')).toBe(true);
  });

  test('an unknown one names the nearest', async () => {
    const { exitCode, stderr } = await run('models', 'chld');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Did you mean child?');
  });
});

describe('no listing is wider than the terminal', () => {
  const listings = [
    'status',
    'models',
    'phases',
    'plugins',
    'config --explain',
    'doctor',
    'run --dry-run',
    'clean --all',
  ];
  test.each(listings)('%s', async (listing) => {
    for (const columns of [40, 60, 80, 120]) {
      const { stdout } = await runCli(
        listing.split(' '),
        new TestIo(folder.path, { COLUMNS: String(columns) }),
      );
      expect(stdout).not.toBe('');
      expect(stdout.split('\n').filter((line) => visibleWidth(line) > columns)).toEqual([]);
    }
  });
});

describe('phases, plugins, config, graph', () => {
  test('phases in the order of the pipeline, then the others', async () => {
    const { stdout } = await run('phases');
    expect(stdout).toMatch(/^1 +toy +Toy +1 +2 +completed$/m);
    expect(stdout).toMatch(/^2 +second +Second +0 +0 +completed$/m);
    expect(stdout).toMatch(/^- +cognate/m);
  });

  test('plugins by extension point', async () => {
    const { stdout } = await run('plugins');
    expect(stdout).toMatch(/^phase\n(?: {2}.*\n)* {2}toy +\S+ +Counts$/m);
    expect(stdout).toMatch(/^sink\n(?: {2}.*\n)* {2}jsonl +built-in/m);
    expect(stdout).not.toMatch(/^terminal$/m);
    expect((await run('plugins', '--point', 'sink')).stdout).not.toMatch(/^phase$/m);
    const mistyped = await run('plugins', '--point', 'sinc');
    expect(mistyped.exitCode).toBe(2);
    expect(mistyped.stderr).toMatch(/"sinc"[^]*Did you mean sink\?[^]*phase/);
  });

  test('one plugin with its options', async () => {
    const { stdout } = await run('plugins', 'toy', '--set', 'phases.toy.steps=9');
    expect(stdout).toMatch(/^steps +integer >= 1 +9 +steps to count$/m);
    expect(stdout).toMatch(/^gain +number +0\.5/m);
    expect((await run('plugins', 'tyo')).stderr).toContain('Did you mean toy?');
  });

  test('the resolved config, as YAML and as JSON', async () => {
    const { stdout } = await run('config', '--set', 'phases.toy.steps=9');
    expect(parse(stdout)).toMatchObject({
      seed: 7,
      engine: 'onnxruntime',
      pipeline: [{ name: 'toy', options: { steps: 9, gain: 0.5 } }, { name: 'second' }],
    });
    expect(await json('config')).toMatchObject({
      config: { seed: 7 },
      configFile: join(folder.path, 'agentforge.config.ts'),
    });
  });

  test('config --explain says which layer set a value', async () => {
    const { stdout } = await run('config', '--explain', 'seed', '--set', 'gates.policy=strict');
    expect(stdout).toMatch(/^seed +7 +agentforge\.config\.ts$/m);
    const all = (await run('config', '--explain', '--set', 'gates.policy=strict')).stdout;
    expect(all).toMatch(/^gates\.policy +strict +--set$/m);
    expect(all).toMatch(/^storage\.keepCheckpoints +3 +defaults$/m);
    const unknown = await run('config', '--explain', 'sed');
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain('Did you mean seed?');
  });

  test('config --validate', async () => {
    const valid = await run('config', '--validate');
    expect(valid.exitCode).toBe(0);
    expect(valid.stdout).toMatch(/^agentforge\.config\.ts is valid: 2 phases, \d+ plugins\.$/m);
    const invalid = await run(
      'config',
      '--validate',
      '--set',
      `phases.toy.memory=${Number.MAX_SAFE_INTEGER}`,
    );
    expect(invalid.exitCode).toBe(2);
    expect(invalid.stdout).toMatch(/cannot run as it is/);
  });

  test('config --schema knows the plugins of the config, too', async () => {
    const schema = (await json('config', '--schema')) as {
      $id: string;
      properties: Record<string, { properties: object }>;
      $defs: Record<string, object>;
    };
    expect(JSON.parse((await run('config', '--schema')).stdout)).toEqual(schema);
    expect(Object.keys(schema.properties['phases']!.properties)).toEqual(
      expect.arrayContaining(['toy', 'cognate']),
    );
    expect(schema.$defs['toy']).toMatchObject({
      properties: { steps: { type: 'integer', description: 'steps to count' } },
    });
    expect(schema.$defs).not.toHaveProperty('terminal');
  });

  test('graph, to stdout and to a file', async () => {
    const { stdout } = await run('graph');
    expect(stdout).toContain('"phase toy" -> "phase second" [label="toy:handoff/models@1"];');
    expect(stdout).toContain('subgraph "cluster_sink"');
    expect(stdout).not.toContain('cognate');
    await run('graph', '--output', 'pipeline.dot');
    expect(readFileSync(join(folder.path, 'pipeline.dot'), 'utf8')).toBe(stdout);
    const failed = await run('graph', '--output', 'no/such/folder.dot');
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain('AF_STORAGE_IO');
  });
});

describe('doctor', () => {
  test('says what there is; exit 0 when nothing that is needed is missing', async () => {
    const { exitCode, stdout } = await run('doctor');
    expect(stdout).toMatch(/^ok +node +\d+\./m);
    expect(stdout).toMatch(/^ok +engine onnxruntime /m);
    expect(stdout).toMatch(/^ok +storage .* can be written$/m);
    expect(exitCode).toBe(0);
    const document = await json('doctor');
    expect(document).toMatchObject({ ok: true });
    expect((document['checks'] as { name: string }[]).map((check) => check.name)).toEqual(
      expect.arrayContaining([
        'node',
        'cpu',
        'memory',
        'gpu',
        'storage',
        'disk',
        'config',
        'data',
        'engine onnxruntime',
        'engine tfjs',
      ]),
    );
  });

  test('a broken config and a data folder that is gone are findings, exit 1', async () => {
    const broken = await run('doctor', '--set', 'sed=1');
    expect(broken.exitCode).toBe(1);
    expect(broken.stdout).toMatch(/^failed +config +AF_CONFIG_INVALID/m);
    const data = await runCli(
      ['doctor'],
      new TestIo(folder.path, { AGENTFORGE_DATA: join(folder.path, 'none') }),
    );
    expect(data.exitCode).toBe(1);
    expect(data.stdout).toMatch(/^failed +data /m);
  });
});

describe('generate', () => {
  test('a model without a tokenizer cannot write', async () => {
    const { exitCode, stderr } = await run('generate', 'counter');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/AF_(ARTIFACT_MISSING|MODEL_CONFIG)/);
  });

  test('an unknown model', async () => {
    const { exitCode, stderr } = await run('generate', 'nobody');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('There is no model "nobody".');
  });
});

describe('bench', () => {
  test('lists the benchmarks', async () => {
    const { exitCode, stdout } = await run('bench');
    expect(exitCode).toBe(0);
    const { benchmarks } = (await json('bench')) as { benchmarks: { name: string }[] };
    expect(benchmarks.length).toBeGreaterThan(2);
    for (const { name } of benchmarks) expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
  });
});

describe('pin', () => {
  test.each([
    ['a session by id', () => sessionId],
    ['the newest session', () => 'latest'],
    ['the session of a model', () => 'counter'],
    ['the session of a model of a session', () => `${sessionId}:counter`],
  ])('%s, and unpin', async (_, query) => {
    const pinned = await run('pin', query());
    expect(pinned).toMatchObject({ exitCode: 0, stderr: '' });
    expect(pinned.stdout).toContain(`Session ${sessionId} is pinned`);
    expect((await run('status')).stdout).toMatch(new RegExp(`^${sessionId} .* pinned$`, 'm'));
    const { stdout } = await run('clean', '--all', '--yes');
    expect(stdout).toMatch(new RegExp(`^keep +${sessionId} +pinned$`, 'm'));
    expect(await json('unpin', query())).toMatchObject({ session: { id: sessionId, pinned: false } });
    expect((await run('status')).stdout).not.toContain('pinned');
    expect((await run('clean', '--all')).stdout).toContain('Would remove 1 session');
  });

  test('of nothing that is known is an error with the nearest name', async () => {
    const { exitCode, stderr } = await run('pin', 'countr');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Did you mean counter?');
  });
});

describe('rollback and clean', () => {
  test('rollback takes the session back; resuming repeats the later phase', async () => {
    const { exitCode, stdout } = await run('rollback', sessionId, '--to', 'toy');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('undone: second');
    expect(stdout).toContain(`agentforge run --resume ${sessionId}`);
    const resumed = await json('run', '--resume', sessionId);
    expect(resumed).toMatchObject({
      sessionId,
      phases: [
        { name: 'toy', status: 'skipped' },
        { name: 'second', status: 'completed' },
      ],
    });
  });

  test('an unknown session or phase', async () => {
    expect((await run('rollback', 'session_x', '--to', 'toy')).exitCode).toBe(2);
    expect((await run('rollback', sessionId, '--to', 'nothing')).exitCode).toBe(2);
  });

  test('clean removes nothing without --yes, then what it said', async () => {
    const plan = await run('clean', '--all');
    expect(plan.stdout).toContain(sessionId);
    expect(plan.stdout).toContain('agentforge clean --yes');
    expect(await json('status')).toMatchObject({ sessions: [{ id: sessionId }] });
    expect((await run('clean', '--all', '--yes', '--dry-run')).stdout).toContain('Would remove 1 session');
    expect((await run('clean', '--failed', '--yes')).stdout).toContain('Nothing to remove.');
    expect((await run('clean', '--all', '--yes')).stdout).toContain('Removed 1 session');
    expect(await json('status')).toEqual({ sessions: [] });
  });
});
