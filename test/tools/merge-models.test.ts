import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel, openProject, type Project } from 'agentforge';
import { openModelFolder } from '../../storage/index.js';
import { runCli, TestIo } from '../support/cli.js';
import { writtenProject } from '../support/written-project.js';

let made: Awaited<ReturnType<typeof writtenProject>>;
let project: Project;
beforeAll(async () => {
  made = await writtenProject('reasoning', 'memory');
  project = await openProject({ cwd: made.path });
  await project.exportModel('memory', { output: 'folder' });
});
afterAll(async () => {
  await project.dispose();
  made.remove();
});

const cli = (...argv: string[]) => runCli(argv, new TestIo(made.path));
const weightsOf = async (folder: string) => (await openModelFolder(join(made.path, folder))).readWeights();

/** Names of what lies in the storage folder besides what belongs there. */
const leftovers = () => readdirSync(join(made.path, '.agentforge')).filter((name) => name.startsWith('.tmp'));

test('models by name, by session and name, by id and by folder are the same models', async () => {
  const { id } = await project.model('memory');
  const references = ['memory', `${made.session}:memory`, id, './folder', 'folder'];
  for (const [i, reference] of references.entries()) {
    const models = [
      { model: 'reasoning', weight: 0.75 },
      { model: reference, weight: 0.25 },
    ];
    await project.merge({ method: 'linear', models }, { output: `merged-${i}` });
  }
  const first = await weightsOf('merged-0');
  for (const i of references.keys()) expect(await weightsOf(`merged-${i}`)).toEqual(first);
  const [reasoning, memory] = await Promise.all(
    ['reasoning', 'memory'].map(async (name) => {
      const { weights } = await project.model(name);
      return (await project.kernel.storage()).artifacts.readTensors(weights);
    }),
  );
  const [name] = Object.keys(first);
  const expected = Float32Array.from(
    reasoning![name!]!.data,
    (value, at) => Math.fround(0.75) * value + Math.fround(0.25) * memory![name!]!.data[at]!,
  );
  expect(Math.max(...expected.map((value, at) => Math.abs(value - first[name!]!.data[at]!)))).toBeLessThan(
    1e-6,
  );
  expect(leftovers()).toEqual([]);
});

test('the result is a model: it writes, it can be merged again, and its card names its parents', async () => {
  const model = await loadModel('./merged-0', { cwd: made.path });
  expect((await model.complete('the cat', { maxTokens: 6, temperature: 0 })).tokens).toBeGreaterThan(0);
  expect(model).toMatchObject({ id: null, metadata: null, name: 'merged-0' });
  await model.dispose();
  const { weights } = await project.model('reasoning');
  expect(readFileSync(join(made.path, 'merged-0/README.md'), 'utf8')).toContain(weights.sha256);
  const shown = await cli('generate', './merged-0', '--max-tokens', '4', '--greedy', '--json');
  expect(shown.document()).toMatchObject({
    model: 'merged-0',
    folder: join(made.path, 'merged-0'),
    sha256: null,
  });
  await project.merge({ method: 'linear', models: ['./merged-0', 'memory'] }, { output: 'merged-again' });
  expect(existsSync(join(made.path, 'merged-again/model.safetensors'))).toBe(true);
});

test('in shards and in bfloat16 it is still one', async () => {
  const recipe = { method: 'slerp', models: ['reasoning', 'memory'], dtype: 'bfloat16' as const };
  await project.merge(recipe, { output: 'sharded', maxShardBytes: 10_000 });
  expect(
    readdirSync(join(made.path, 'sharded')).filter((name) => name.endsWith('.safetensors')).length,
  ).toBeGreaterThan(1);
  const model = await loadModel('./sharded', { cwd: made.path });
  expect((await model.complete('the', { maxTokens: 3, seed: 1 })).tokens).toBe(3);
  await model.dispose();
});

test('in recipe files of both formats, on the command line and in a plan', async () => {
  writeFileSync(
    join(made.path, 'ours.yml'),
    'method: linear\nmodels:\n  - reasoning\n  - { model: folder, weight: 1 }\n',
  );
  writeFileSync(
    join(made.path, 'kit.yml'),
    `merge_method: linear\nmodels:\n  - { model: ${made.session}:reasoning, parameters: { weight: 1 } }\n  - { model: ./folder, parameters: { weight: 1 } }\n`,
  );
  for (const recipe of ['ours.yml', 'kit.yml']) {
    const dry = await cli('merge', recipe, '-o', 'dry', '--dry-run');
    expect(dry).toMatchObject({ exitCode: 0, stderr: '' });
    const { exitCode, stderr } = await cli('merge', recipe, '-o', recipe.slice(0, -4), '--quiet');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  }
  expect(existsSync(join(made.path, 'dry'))).toBe(false);
  expect(await weightsOf('ours')).toEqual(await weightsOf('kit'));
  expect(leftovers()).toEqual([]);
});

describe('refused, with everything that is wrong at once', () => {
  test('names that are nothing, with the nearest', async () => {
    const error: unknown = await project
      .merge({ method: 'linear', models: ['reasonin', './foldr', 'memory'] }, { output: 'x' })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'AF_MERGE_CHECKPOINTS',
      problems: [
        { at: 'reasonin', message: 'there is no model and no folder of that name', suggestion: 'reasoning' },
        { at: './foldr', message: 'there is no such folder' },
      ],
    });
    expect(leftovers()).toEqual([]);
  });

  test('a word that is a model and a folder', async () => {
    cpSync(join(made.path, 'folder'), join(made.path, 'memory'), { recursive: true });
    await expect(
      project.merge({ method: 'linear', models: ['reasoning', 'memory'] }, { output: 'x' }),
    ).rejects.toMatchObject({
      problems: [{ at: 'memory', fix: expect.stringContaining('Write ./memory for the folder') }],
    });
    rmSync(join(made.path, 'memory'), { recursive: true });
    mkdirSync(join(made.path, 'memory'));
    await project.merge({ method: 'linear', models: ['reasoning', 'memory'] }, { output: 'empty-folder' });
  });

  test('a merge of folders alone makes no storage folder', async () => {
    const alone = join(made.path, 'alone');
    mkdirSync(alone);
    writeFileSync(join(alone, 'agentforge.config.json'), '{}');
    const other = await openProject({ cwd: alone });
    await other.merge({ method: 'linear', models: ['../folder', '../merged-0'] }, { output: 'out' });
    await expect(
      other.merge({ method: 'linear', models: ['memory', '../folder'] }, { output: 'y' }),
    ).rejects.toMatchObject({
      code: 'AF_MERGE_CHECKPOINTS',
    });
    await other.dispose();
    expect(readdirSync(alone).sort()).toEqual(['agentforge.config.json', 'out']);
  });

  test('layers that are stacked no longer fit the config: told when the model is loaded', async () => {
    const slices = [0, 0].map(() => ({
      sources: [{ model: 'reasoning', layers: [0, 1] as [number, number] }],
    }));
    await project.merge({ method: 'passthrough', slices }, { output: 'stacked' });
    await expect(project.loadModel('./stacked')).rejects.toMatchObject({
      code: 'AF_MODEL_TENSORS',
      exitCode: 1,
    });
  });
});
