import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  lstatSync,
  writeFileSync,
} from 'node:fs';
import { llamaShapes, randomTensors, writeCheckpoint } from './support/checkpoints.js';
import { mergeFixture } from './support/fixture.js';
import { mergeText } from './support/merge.js';

const setup = mergeFixture();

const RECIPE = JSON.stringify({ method: 'slerp', models: ['./a', './b'] });

async function newCase(): Promise<string> {
  const cwd = setup.newCase();
  for (const [seed, name] of ['a', 'b'].entries())
    await writeCheckpoint(`${cwd}/${name}`, randomTensors(llamaShapes(), seed + 1));
  return cwd;
}

/** Merge into `out`, with something that happens once the first tensor is merged. */
function merge(cwd: string, options: { meanwhile?: () => void; force?: boolean } = {}): Promise<unknown> {
  let happened = false;
  const onProgress = (): void => {
    if (!happened) options.meanwhile?.();
    happened = true;
  };
  const execute = { onProgress, force: options.force ?? false };
  return mergeText(RECIPE, setup.world, { cwd, output: `${cwd}/out`, execute });
}

function writeOver(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file, bytes);
}

function replace(file: string): void {
  writeFileSync(`${file}.new`, readFileSync(file));
  renameSync(`${file}.new`, file);
}

test.each([
  ['written over', writeOver],
  ['replaced', replace],
])('a model that is %s during the merge is noticed', async (_what, change) => {
  const cwd = await newCase();
  const file = `${cwd}/b/model.safetensors`;
  await expect(merge(cwd, { meanwhile: () => change(file) })).rejects.toMatchObject({
    code: 'AF_MERGE_VALUES',
    at: file,
  });
  expect(
    readdirSync(cwd)
      .sort()
      .filter((name) => name !== 'b.new'),
  ).toEqual(['a', 'b']);
});

test.each([false, true])(
  'what appears in the place of the result is not removed (force: %s)',
  async (force) => {
    const cwd = await newCase();
    const meanwhile = (): void => {
      mkdirSync(`${cwd}/out`);
      writeFileSync(`${cwd}/out/thesis.txt`, 'years of work');
    };
    await expect(merge(cwd, { meanwhile, force })).rejects.toMatchObject({ code: 'AF_MERGE_OUTPUT' });
    expect(readdirSync(`${cwd}/out`)).toEqual(['thesis.txt']);
    expect(readdirSync(cwd).sort()).toEqual(['a', 'b', 'out']);
  },
);

test('an empty folder is filled, also one that appears meanwhile', async () => {
  const cwd = await newCase();
  await merge(cwd, { meanwhile: () => mkdirSync(`${cwd}/out`) });
  expect(readdirSync(`${cwd}/out`)).toContain('model.safetensors');
});

test.each([false, true])(
  'a link to a folder stays one: the result is where it leads (force: %s)',
  async (force) => {
    const cwd = await newCase();
    mkdirSync(`${cwd}/disk/place`, { recursive: true });
    symlinkSync(`${cwd}/disk/place`, `${cwd}/out`);
    if (force) await merge(cwd);
    await merge(cwd, { force });
    expect(lstatSync(`${cwd}/out`).isSymbolicLink()).toBe(true);
    expect(readdirSync(`${cwd}/disk`)).toEqual(['place']);
    expect(readdirSync(`${cwd}/disk/place`)).toContain('model.safetensors');
  },
);
