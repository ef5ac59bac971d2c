import { mkdirSync, readdirSync } from 'node:fs';
import { isForgeError } from '../../../../core/errors/index.js';
import { isTemporaryName } from '../../../../storage/temporary.js';
import type { FileSystem } from '../../../../storage/index.js';
import { crashingDisk, failingOnce } from '../../../../testing/faulty-disk.js';
import { slowDisk } from '../../../../testing/slow-disk.js';
import { largestDifference, randomTensors, readCheckpoint, writeCheckpoint } from '../support/checkpoints.js';
import { watchedDisk } from '../../../support/watched-disk.js';
import { mergeFixture } from '../support/fixture.js';
import { mergeText } from '../support/merge.js';

const SHAPES = new Map([
  ['a', [40]],
  ['b', [7, 6]],
]);
const RECIPE = JSON.stringify({ method: 'slerp', models: ['./a', './b'] });

const setup = mergeFixture();
const { folder } = setup;

beforeAll(async () => {
  for (const [seed, name] of ['a', 'b'].entries())
    await writeCheckpoint(folder.join(name), randomTensors(SHAPES, seed + 1), {
      shards: 2,
      files: { 'tokenizer.json': '{"model":{"vocab":{"x":0}}}', 'generation_config.json': '{}' },
    });
  await merge({});
});

interface Attempt {
  readonly files?: FileSystem;
  readonly output?: string;
  readonly force?: boolean;
}

function merge({ files, output = folder.join('right'), force = false }: Attempt): Promise<unknown> {
  return mergeText(RECIPE, setup.world, {
    cwd: folder.path,
    output,
    plan: { maxShardBytes: 170, files },
    execute: { files, force, partElements: 16, hashCache: folder.join('cache', 'sha256.json') },
  });
}

function newCase(): { readonly parent: string; readonly output: string } {
  const parent = setup.newCase();
  mkdirSync(parent);
  return { parent, output: `${parent}/out` };
}

/** That the result is there as a whole, with every file that belongs to it. */
async function expectWhole(output: string): Promise<void> {
  expect(readdirSync(output).sort()).toEqual(readdirSync(folder.join('right')).sort());
  const [found, right] = await Promise.all([output, folder.join('right')].map(readCheckpoint));
  expect(largestDifference(found!, right!)).toBe(0);
}

test.each(['EIO', 'ENOSPC'])('when any one call on the disk fails with %s: all or nothing', async (code) => {
  for (let count = 1; ; count++) {
    const { parent, output } = newCase();
    const watched = watchedDisk();
    const { files, wasReached } = failingOnce(count, code, watched.files);
    const error: unknown = await merge({ files, output }).catch((thrown: unknown) => thrown);
    expect({ count, open: watched.open() }).toEqual({ count, open: [] });
    if (error instanceof Error) {
      if (!isForgeError(error)) throw new Error(`call ${count}`, { cause: error });
      expect(error.code).toMatch(/^AF_(STORAGE_(IO|FULL)|MERGE_CHECKPOINTS)$/);
      expect(JSON.stringify([error.message, error.problems])).toMatch(/made by a test|No space left/);
    }
    const names = readdirSync(parent);
    const left = names.filter(isTemporaryName);
    expect(names.filter((name) => name !== 'out')).toEqual(left);
    // Only a removal that failed may leave something.
    expect(left.length).toBeLessThanOrEqual(error instanceof Error ? 0 : 1);
    if (names.includes('out')) await expectWhole(output);
    else expect(error).toBeInstanceOf(Error);
    if (!wasReached()) break;
  }
});

test('killed at any moment of replacing a model: the old one, the new one, or both beside each other', async () => {
  for (let count = 1; ; count++) {
    const { parent, output } = newCase();
    await writeCheckpoint(output, randomTensors(SHAPES, 9));
    const { files, wasReached } = crashingDisk(count);
    await merge({ files, output, force: true }).catch(() => undefined);
    const names = readdirSync(parent);
    expect(names.filter((name) => name !== 'out' && !isTemporaryName(name))).toEqual([]);
    if (names.includes('out')) {
      const isOld = readdirSync(output).includes('model.safetensors');
      if (!isOld) await expectWhole(output);
    } else {
      // Between the two renames both lie whole under temporary names.
      expect(names).toHaveLength(2);
    }
    if (!wasReached()) break;
  }
});

test('a merge that fails on a slow disk is over when it says so', async () => {
  for (let count = 1; count < 400; count += 3) {
    const { parent, output } = newCase();
    const watched = watchedDisk(slowDisk(count));
    const { files, wasReached } = failingOnce(count, 'EIO', watched.files);
    const outcome = await merge({ files, output }).then(
      () => 'merged',
      () => 'failed',
    );
    expect({ count, open: watched.open(), busy: watched.busy() }).toEqual({ count, open: [], busy: 0 });
    // When nothing but the last sync of the folder above it fails, the result stands.
    if (readdirSync(parent).includes('out')) await expectWhole(output);
    else expect(outcome).toBe('failed');
    expect(readdirSync(parent).filter((name) => name !== 'out')).toEqual([]);
    if (!wasReached()) break;
  }
});
