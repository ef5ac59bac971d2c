import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../../core/contracts/store.js';
import { FileCheckpointArea } from '../../storage/index.js';
import { crashingDisk, failingDisk, fullDisk } from '../../testing/faulty-disk.js';
import { scratchFolders, thrownBy } from './support/scratch.js';

const scratch = scratchFolders();

/** A checkpoint whose every part tells its step. */
function checkpoint(step: number): Checkpoint {
  return {
    step,
    tensors: {
      weights: {
        shape: [64],
        dtype: 'float32',
        data: Float32Array.from({ length: 64 }, (_, i) => step + i / 64),
      },
      counter: { shape: [], dtype: 'int32', data: Int32Array.of(step) },
    },
    state: { step, nested: { phase: 'trunk' } },
  };
}

async function filled(folder: string, steps: readonly number[]): Promise<FileCheckpointArea> {
  const area = new FileCheckpointArea(join(folder, 'area'));
  for (const step of steps) await area.save(checkpoint(step));
  return area;
}

it('gives back the newest, bit for bit', async () => {
  const area = await filled(await scratch(), [0, 10, 5_000_000_000]);
  expect(await area.latest()).toEqual(checkpoint(5_000_000_000));
  expect(Object.keys((await area.latest())!.tensors)).toEqual(['weights', 'counter']);
});

it('is empty before the first save and after clear, children included', async () => {
  const folder = await scratch();
  const area = new FileCheckpointArea(join(folder, 'area'));
  expect(await area.latest()).toBeNull();
  await area.clear();
  await area.save(checkpoint(1));
  await area.child('trunk').save(checkpoint(2));
  await area.clear();
  expect(await area.latest()).toBeNull();
  expect(await area.child('trunk').latest()).toBeNull();
  expect(await readdir(folder)).toEqual([]);
});

it('keeps the newest few', async () => {
  const folder = await scratch();
  const area = await filled(folder, [1, 2, 3, 4, 5, 6, 7]);
  expect(await readdir(join(folder, 'area'))).toEqual([3, 4, 5, 6, 7].map((step) => `step-00000000${step}`));
  await area.save(checkpoint(8), { keep: 2 });
  expect(await readdir(join(folder, 'area'))).toEqual(['step-000000007', 'step-000000008']);
  await area.save(checkpoint(9), { keep: 1 });
  expect(await readdir(join(folder, 'area'))).toEqual(['step-000000009']);
});

it('replaces a step saved again, and drops later ones that this course of events left', async () => {
  const folder = await scratch();
  const area = await filled(folder, [10, 20, 30]);
  await area.save({ ...checkpoint(20), state: { again: true } });
  expect(await area.latest()).toEqual({ ...checkpoint(20), state: { again: true } });
  expect(await readdir(join(folder, 'area'))).toEqual(['step-000000010', 'step-000000020.1']);
  await area.save(checkpoint(20));
  expect(await readdir(join(folder, 'area'))).toEqual(['step-000000010', 'step-000000020.2']);
});

it('keeps areas apart', async () => {
  const area = await filled(await scratch(), [1]);
  const trunk = area.child('trunk');
  await trunk.save(checkpoint(100));
  await trunk.child('inner').save(checkpoint(200));
  expect((await area.latest())?.step).toBe(1);
  expect((await trunk.latest())?.step).toBe(100);
  await trunk.clear();
  expect((await area.latest())?.step).toBe(1);
  for (const name of ['..', 'a/b', '', '.hidden', 'a\\b']) {
    expect(await thrownBy(() => area.child(name))).toMatchObject({ code: 'AF_STORAGE_NAME' });
  }
});

it('refuses state that JSON would change, and steps that are no counts, before touching the disk', async () => {
  const folder = await scratch();
  const area = new FileCheckpointArea(join(folder, 'area'));
  expect(await thrownBy(() => area.save({ ...checkpoint(1), state: { best: NaN } }))).toMatchObject({
    code: 'AF_CHECKPOINT_STATE',
    at: 'state.best',
  });
  for (const step of [-1, 1.5, NaN, Infinity]) {
    expect(await thrownBy(() => area.save(checkpoint(step)))).toMatchObject({ code: 'AF_CHECKPOINT_STATE' });
  }
  expect(await readdir(folder)).toEqual([]);
});

describe('damage', () => {
  it('is noticed at any byte of any file, and the next older checkpoint is used with a warning', async () => {
    const folder = await scratch();
    const warnings: string[] = [];
    await filled(folder, [1, 2]);
    const area = new FileCheckpointArea(join(folder, 'area'), {
      onWarning: (message) => warnings.push(message),
    });
    const newest = join(folder, 'area', 'step-000000002');
    for (const name of ['state.json', 'tensors.safetensors', 'manifest.json']) {
      const bytes = await readFile(join(newest, name));
      const positions =
        name === 'manifest.json' ? bytes.indexOf('sha256') + 12 : Math.floor(bytes.byteLength / 2);
      for (const index of [0, positions, bytes.byteLength - 1]) {
        const damaged = Buffer.from(bytes);
        damaged[index]! ^= 4;
        await writeFile(join(newest, name), damaged);
        expect((await area.latest())?.step).toBe(1);
        expect(warnings.splice(0)).toEqual([
          expect.stringMatching(/step-000000002 is damaged: .* Using step-000000001 instead/),
        ]);
      }
      await rm(join(newest, name));
      expect((await area.latest())?.step).toBe(1);
      await writeFile(join(newest, name), bytes);
      warnings.length = 0;
    }
    expect(await area.latest()).toEqual(checkpoint(2));
    expect(warnings).toEqual([]);
  });

  it('of another step or format in the manifest is noticed', async () => {
    const folder = await scratch();
    const area = await filled(folder, [1, 2]);
    const manifest = join(folder, 'area', 'step-000000002', 'manifest.json');
    const text = await readFile(manifest, 'utf8');
    for (const changed of [
      text.replace('"step": 2', '"step": 3'),
      text.replace('"format": 1', '"format": 2'),
      'null',
      '{"format":1}',
      '{"format":1,"step":2,"files":{}}',
    ]) {
      await writeFile(manifest, changed);
      expect((await area.latest())?.step).toBe(1);
    }
  });

  it('of all checkpoints is an error that names each and removes none', async () => {
    const folder = await scratch();
    const area = await filled(folder, [1, 2]);
    for (const name of await readdir(join(folder, 'area')))
      await writeFile(join(folder, 'area', name, 'state.json'), '{}');
    const error = await thrownBy(() => area.latest());
    expect(error).toMatchObject({ code: 'AF_CHECKPOINT_CORRUPT', at: join(folder, 'area') });
    expect((error as { problems: unknown[] }).problems).toHaveLength(2);
    expect(await readdir(join(folder, 'area'))).toHaveLength(2);
  });

  it('of the newest does not cost the last intact one its place', async () => {
    const folder = await scratch();
    await filled(folder, [1, 2]);
    await writeFile(join(folder, 'area', 'step-000000002', 'state.json'), '{}');
    const area = new FileCheckpointArea(join(folder, 'area'));
    expect((await area.latest())?.step).toBe(1);
    await area.save(checkpoint(2), { keep: 1 });
    expect(await area.latest()).toEqual(checkpoint(2));
  });
});

describe('a full disk', () => {
  it('leaves the previous checkpoint as it was and no half-written one', async () => {
    for (const room of [0, 1, 30, 150, 400]) {
      const folder = await scratch();
      await filled(folder, [1]);
      const area = new FileCheckpointArea(join(folder, 'area'), { files: fullDisk(room) });
      expect(await thrownBy(() => area.save(checkpoint(2)))).toMatchObject({
        code: 'AF_STORAGE_FULL',
        fix: expect.stringContaining('resume'),
      });
      expect(await readdir(join(folder, 'area'))).toEqual(['step-000000001']);
      expect(await area.latest()).toEqual(checkpoint(1));
    }
  });

  it('that cannot remove older checkpoints does not undo the new one', async () => {
    const folder = await scratch();
    await filled(folder, [1]);
    const warnings: string[] = [];
    const files = failingDisk(
      ({ operation, path }) => operation === 'rename' && path.endsWith('step-000000001'),
      'EACCES',
    );
    const area = new FileCheckpointArea(join(folder, 'area'), {
      files,
      onWarning: (message) => warnings.push(message),
    });
    await area.save(checkpoint(2), { keep: 1 });
    expect(await area.latest()).toEqual(checkpoint(2));
    expect(warnings).toEqual([expect.stringContaining('Older checkpoints could not be removed')]);
  });
});

it('stops before the checkpoint appears when the session is no longer ours', async () => {
  const folder = await scratch();
  await filled(folder, [1]);
  const lost = new Error('lost');
  const area = new FileCheckpointArea(join(folder, 'area'), { beforeCommit: () => Promise.reject(lost) });
  expect(await thrownBy(() => area.save(checkpoint(2)))).toMatchObject({ cause: lost });
  expect(await area.latest()).toEqual(checkpoint(1));
});

it('holds the old or the new checkpoint when killed at any moment of a save', async () => {
  const steps = new Set<number>();
  for (let count = 1; ; count++) {
    const folder = await scratch();
    await filled(folder, [1]);
    const { files, wasReached } = crashingDisk(count);
    await new FileCheckpointArea(join(folder, 'area'), { files })
      .save(checkpoint(2), { keep: 1 })
      .catch(() => undefined);
    const warnings: string[] = [];
    const found = await new FileCheckpointArea(join(folder, 'area'), {
      onWarning: (message) => warnings.push(message),
    }).latest();
    expect(found).toEqual(checkpoint(found!.step));
    expect(warnings).toEqual([]);
    steps.add(found!.step);
    if (!wasReached()) break;
  }
  expect(steps).toEqual(new Set([1, 2]));
});

it('holds all or nothing when killed at any moment of a clear', async () => {
  for (let count = 1; ; count++) {
    const folder = await scratch();
    await filled(folder, [1, 2]);
    const { files, wasReached } = crashingDisk(count);
    await new FileCheckpointArea(join(folder, 'area'), { files }).clear().catch(() => undefined);
    const found = await new FileCheckpointArea(join(folder, 'area')).latest();
    expect(found === null || found.step === 2).toBe(true);
    if (!wasReached()) {
      expect(found).toBeNull();
      break;
    }
  }
});
