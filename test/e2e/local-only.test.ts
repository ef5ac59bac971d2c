import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findGuard, preloadGuard, type Folders, type Guard, type Guarded } from '../support/guard/guard.js';

/**
 * "Everything is local": no command opens a socket of any kind, and none writes outside of the storage, cache, output
 * and temporary folders. The first steps of the quickstart, with numbers of steps that take seconds.
 */
jest.setTimeout(600_000);

const COMMAND = resolve(__dirname, '../../dist/cli/bin.js');
const QUICK = {
  'options.sequences.count': 120,
  'options.stories.count': 40,
  'phases.cognate.data.datasets': '["sequences","stories"]',
  'phases.cognate.model.hyperparameters.dModel': 16,
  'phases.cognate.model.hyperparameters.layers': 1,
  'phases.cognate.model.hyperparameters.heads': 2,
  'phases.cognate.model.hyperparameters.recursion.steps': 2,
  'phases.cognate.maxSteps': 3,
  'phases.cognate.training.rows': 2,
  'phases.cognate.training.length': 32,
  'phases.cognate.fisherBatches': 1,
  'phases.cognate.probeRows': 2,
  'phases.cognate.data.evaluationRows': 2,
  'phases.cognate.sample.maxTokens': 2,
  'phases.evomerge.generations': 1,
  'phases.evomerge.evaluation.selection': 600,
  'phases.evomerge.evaluation.holdout': 600,
  'phases.evomerge.evaluation.rows': 4,
  'phases.evomerge.generation.records': 2,
  'phases.evomerge.generation.maxTokens': 2,
  'phases.evomerge.sample.maxTokens': 2,
  'phases.quietstar.baking.steps': 2,
  'phases.quietstar.baking.training.rows': 2,
  'phases.quietstar.quiet.steps': 1,
  'phases.quietstar.quiet.training.rows': 2,
  'phases.quietstar.thoughts.tokens': 3,
  'phases.quietstar.examination.items': 4,
  'phases.quietstar.examination.furtherItems': 0,
  'phases.quietstar.examination.rows': 4,
  'phases.quietstar.examination.thoughtTokens': 4,
  'phases.quietstar.examination.answerTokens': 3,
  'phases.quietstar.examination.hardRows': 1,
  'phases.quietstar.sample.maxTokens': 2,
  'phases.bitnet.formats.smallest': 64,
  'phases.bitnet.calibration.sequences': 4,
  'phases.bitnet.recovery.steps': 2,
  'phases.bitnet.recovery.training.rows': 2,
  'phases.bitnet.mixed.when': 'never',
  'phases.bitnet.evaluation.selection': 600,
  'phases.bitnet.evaluation.holdout': 600,
  'phases.bitnet.examination.items': 4,
  'phases.bitnet.examination.rows': 4,
  'phases.bitnet.examination.answerTokens': 3,
  'phases.bitnet.sample.maxTokens': 2,
  'phases.curriculum.data.samples': 20,
  'phases.curriculum.assessment.questions': 4,
  'phases.curriculum.assessment.grid': 2,
  'phases.curriculum.assessment.refinements': '[]',
  'phases.curriculum.forge.steps': 2,
  'phases.curriculum.forge.training.rows': 2,
  'phases.curriculum.levels.items': 4,
  'phases.curriculum.levels.heldOut': 4,
  'phases.curriculum.levels.epochs': 1,
  // An untrained model learns nothing: every level is gone through all the same.
  'phases.curriculum.levels.wall': 0,
  'phases.curriculum.consolidation.steps': 1,
  'phases.curriculum.evaluation.selection': 600,
  'phases.curriculum.evaluation.holdout': 600,
  'phases.curriculum.examination.items': 4,
  'phases.curriculum.examination.toolItems': 2,
  'phases.curriculum.examination.plainItems': 2,
  'phases.curriculum.examination.rows': 4,
  'phases.curriculum.examination.answerTokens': 3,
  'phases.curriculum.examination.taskTokens': 4,
  'phases.curriculum.sample.maxTokens': 2,
  'phases.baking.trajectories.perQuestion': 1,
  'phases.baking.trajectories.keep': 'all',
  'phases.baking.tools.questions': 2,
  'phases.baking.tools.heldOut': 2,
  'phases.baking.tools.steps': 1,
  // What a model without a clue is told is not refused: everything is to run.
  'phases.baking.tools.leastPrompted': 0,
  'phases.baking.tools.leastGain': 0,
  'phases.baking.personas.use': '["precise"]',
  'phases.baking.personas.questions': 2,
  'phases.baking.personas.heldOut': 2,
  'phases.baking.personas.steps': 1,
  'phases.baking.personas.leastPrompted': 0,
  'phases.baking.personas.lessons.steps': 1,
  'phases.baking.cycles.most': 1,
  'phases.baking.cycles.items': 4,
  'phases.baking.evaluation.selection': 600,
  'phases.baking.evaluation.holdout': 600,
  'phases.baking.examination.toolItems': 2,
  'phases.baking.examination.plainItems': 2,
  'phases.baking.examination.personaItems': 2,
  'phases.baking.examination.listItems': 2,
  'phases.baking.examination.fadingItems': 1,
  'phases.baking.examination.conversations': 1,
  'phases.baking.examination.turns': 2,
  'phases.baking.examination.latencyItems': 1,
  'phases.baking.examination.thoughtItems': 4,
  'phases.baking.examination.taskTokens': 4,
  'phases.baking.sample.maxTokens': 2,
};
const SETTINGS = Object.entries(QUICK).flatMap(([path, value]) => ['--set', `${path}=${value}`]);

let base: string;
let folders: Folders;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'agentforge-guarded-')));
  folders = {
    project: join(base, 'project'),
    home: join(base, 'home'),
    cache: join(base, 'cache'),
    temporary: join(base, 'temporary'),
  };
  await mkdir(folders.project);
  await writeFile(join(folders.project, 'package.json'), '{}');
});
afterEach(() => rm(base, { recursive: true, force: true, maxRetries: 5 }));

function agentforge(guard: Guard, ...args: string[]): Promise<Guarded> {
  const storage = join(folders.project, '.agentforge');
  const output = join(folders.project, 'output');
  return guard.run([COMMAND, ...args], folders, [storage, output, folders.cache, folders.temporary]);
}

/** Merge needs folders of models: two of the run's, as a user would lay them out. */
async function writeRecipe(models: readonly { name: string; files: readonly File[] }[]): Promise<void> {
  for (const { name, files } of models) {
    const folder = join(folders.project, name);
    await mkdir(folder);
    const weights = files.find(({ purpose }) => purpose === 'weights');
    await copyFile(weights!.path, join(folder, 'model.safetensors'));
    await writeFile(join(folder, 'config.json'), '{}');
  }
  const names = models.map(({ name }) => name);
  const recipe = `merge_method: linear\nmodels:\n${names.map((name) => `  - model: ./${name}\n    parameters: { weight: 0.5 }\n`).join('')}`;
  await writeFile(join(folders.project, 'recipe.yml'), recipe);
}
interface File {
  readonly purpose: string;
  readonly path: string;
}

const guard = findGuard();

test(`the quickstart's first steps stay on the machine (guarded by ${guard.name})`, async () => {
  const step = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr, faults } = await agentforge(guard, ...args);
    expect({ args, code, faults, trouble: code === 0 ? '' : stderr }).toEqual({
      ...{ args, code: 0, faults: [], trouble: '' },
    });
    return stdout;
  };
  await step('doctor');
  await step('run', '--dry-run', '--preset', 'quickstart', ...SETTINGS);
  const ran = JSON.parse(await step('run', '--preset', 'quickstart', '--json', ...SETTINGS)) as {
    readonly models: readonly { readonly name: string }[];
  };
  expect(ran.models.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['ternary', 'forged', 'forged-fp16', 'forged-latent']),
  );
  await step('status');
  await step('models');
  await step('generate', 'champion', '--prompt', 'Once upon a time', '--max-tokens', '3');
  const parents = await Promise.all(
    ['reasoning', 'memory_integration'].map(
      async (name) =>
        JSON.parse(await step('models', name, '--json')) as { name: string; files: readonly File[] },
    ),
  );
  await writeRecipe(parents);
  await step('merge', 'recipe.yml', '--output', 'output/merged');
  await step('clean', '--all', '--yes');
});

describe.each([guard, preloadGuard])('the guard itself ($name)', (watching) => {
  const misdeeds = (code: string): Promise<Guarded> =>
    watching.run(['--input-type=module', '--eval', code], folders, [folders.cache]);

  test('sees a socket', async () => {
    const code = `import net from 'node:net'; net.connect(9, '127.0.0.1').on('error', () => {});`;
    expect((await misdeeds(code)).faults.join()).toMatch(/^socket .*(AF_INET|127\.0\.0\.1)/);
  });

  test('sees a name that is looked up', async () => {
    const code = `import { lookup } from 'node:dns/promises'; await lookup('agentforge.invalid').catch(() => {});`;
    expect((await misdeeds(code)).faults.join()).toMatch(/^socket /);
  });

  test('sees a file that is written, made, renamed or removed outside', async () => {
    for (const code of [
      `import { writeFile } from 'node:fs/promises'; await writeFile('stray', '');`,
      `import { mkdirSync } from 'node:fs'; mkdirSync('stray');`,
      `import { renameSync, writeFileSync } from 'node:fs'; const inside = process.env.XDG_CACHE_HOME + '/a';
       writeFileSync(inside, ''); renameSync(inside, 'stray');`,
      `import { rm } from 'node:fs/promises'; await rm('stray', { recursive: true });`,
    ]) {
      expect((await misdeeds(code)).faults).toContain(`file ${join(folders.project, 'stray')}`);
    }
  });

  test('sees what is left in the home and in the temporary folder', async () => {
    const code = `import { writeFileSync } from 'node:fs'; writeFileSync(process.env.TMPDIR + '/trace.log', '');`;
    expect((await misdeeds(code)).faults).toContain(`left ${join(folders.temporary, 'trace.log')}`);
  });

  test('lets pass what is written where it may be', async () => {
    const code = `import { writeFileSync } from 'node:fs'; writeFileSync(process.env.XDG_CACHE_HOME + '/a', '');`;
    expect(await misdeeds(code)).toMatchObject({ code: 0, faults: [] });
  });
});
