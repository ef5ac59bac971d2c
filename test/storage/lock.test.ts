import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockHolder, tryLock, waitForLock } from '../../storage/index.js';
import { processState, thisProcess } from '../../storage/process-identity.js';
import { failingDisk, faultyDisk } from '../../testing/faulty-disk.js';
import { scratchFolders, thrownBy } from './support/scratch.js';

const scratch = scratchFolders();

/** A claim as a process left it that cannot release it any more. */
async function claimOf(folder: string, owner: object | string, minutesAgo = 0, number = 1): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, String(number).padStart(12, '0'));
  await writeFile(path, typeof owner === 'string' ? owner : `H${JSON.stringify(owner)}`);
  const time = new Date(Date.now() - minutesAgo * 60_000);
  await utimes(path, time, time);
}

const dead = {
  ...thisProcess(),
  pid: 4_194_305,
  start: '1',
  purpose: 'test',
  since: '2026-01-01T00:00:00Z',
  nonce: 'dead',
};

describe('process identity', () => {
  const here = thisProcess();

  it('knows this process to be alive and an impossible pid to be dead', () => {
    expect(processState(here)).toBe('alive');
    expect(processState({ ...here, pid: 4_194_305 })).toBe('dead');
  });

  it('takes another boot of the same host for dead, other hosts and containers for out of sight', () => {
    expect(processState({ ...here, boot: 'earlier' })).toBe('dead');
    expect(processState({ ...here, host: 'other-host' })).toBe('elsewhere');
    expect(processState({ ...here, namespace: 'pid:[1]' })).toBe('elsewhere');
  });

  it('never takes a live pid for dead where start times are not known', () => {
    expect(processState({ ...here, start: null })).toBe('alive');
  });

  (process.platform === 'linux' ? it : it.skip)('tells a reused pid by its start time', () => {
    expect(processState({ ...here, start: '1' })).toBe('dead');
  });
});

it('is exclusive until released', async () => {
  const folder = await scratch();
  const first = await tryLock(folder, 'first');
  expect(await tryLock(folder, 'second')).toMatchObject({
    held: null,
    owner: { pid: process.pid, purpose: 'first' },
  });
  expect(await lockHolder(folder)).toMatchObject({ owner: { purpose: 'first' } });
  expect(await first.held!.isHeld()).toBe(true);
  await first.held!.release();
  expect(await first.held!.isHeld()).toBe(false);
  expect(await lockHolder(folder)).toBeNull();
  const second = await tryLock(folder, 'second');
  expect(second.held?.owner.purpose).toBe('second');
  expect(await readdir(folder)).toEqual(['000000000002']);
  await second.held!.release();
});

it('is taken over from a dead process at once', async () => {
  const folder = await scratch();
  await claimOf(folder, dead);
  expect(await lockHolder(folder)).toBeNull();
  expect((await tryLock(folder, 'next')).held).not.toBeNull();
});

it('is never taken from a live process, however long it is silent', async () => {
  const folder = await scratch();
  await claimOf(folder, { ...dead, pid: process.pid, start: thisProcess().start }, 100_000);
  expect((await tryLock(folder, 'next')).held).toBeNull();
});

it('is taken from another host only after a long silence', async () => {
  const folder = await scratch();
  await claimOf(folder, { ...dead, host: 'other-host' }, 9);
  expect(await tryLock(folder, 'next')).toMatchObject({ held: null, owner: { host: 'other-host' } });
  await claimOf(folder, { ...dead, host: 'other-host' }, 11);
  const taken = await tryLock(folder, 'next');
  expect(taken.held).not.toBeNull();
});

it('is noticed to be lost by the holder that was taken for dead', async () => {
  const folder = await scratch();
  const first = await tryLock(folder, 'first');
  await claimOf(folder, dead, 0, 2);
  expect(await first.held!.isHeld()).toBe(false);
});

it('waits for a claim whose content is still missing, but not for ever', async () => {
  const folder = await scratch();
  await claimOf(folder, '');
  expect(await tryLock(folder, 'next')).toMatchObject({ held: null, owner: null });
  await claimOf(folder, 'H{"pid":', 1);
  expect((await tryLock(folder, 'next')).held).not.toBeNull();
});

it('backs off when it acted on an old listing', async () => {
  const folder = await scratch();
  await claimOf(folder, dead, 0, 5);
  let interfered = false;
  const racing = faultyDisk({
    // Between reading the dead claim 5 and making claim 6, another process takes 6, gives it back and a third takes 7.
    carryOut: async ({ operation }, work) => {
      const done = await work();
      if (operation === 'close' && !interfered) {
        interfered = true;
        await (await tryLock(folder, 'second')).held!.release();
        await tryLock(folder, 'third');
      }
      return done;
    },
  });
  expect(await tryLock(folder, 'first', { files: racing })).toMatchObject({
    held: null,
    owner: { purpose: 'third' },
  });
  expect(await readdir(folder)).toEqual(['000000000007']);
});

it('lets exactly one of many contenders in', async () => {
  const folder = await scratch();
  await claimOf(folder, dead);
  const attempts = await Promise.all(Array.from({ length: 20 }, (_, i) => tryLock(folder, `contender ${i}`)));
  expect(attempts.filter(({ held }) => held)).toHaveLength(1);
});

it('is exclusive over time: contenders in turn never overlap', async () => {
  const folder = await scratch();
  let inside = 0;
  let turns = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 5; i++) {
        const { held } = await waitForLock(folder, 'turn', 20_000);
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        turns += 1;
        await held!.release();
      }
    }),
  );
  expect(turns).toBe(40);
});

it('works on a file system without hard links', async () => {
  const folder = await scratch();
  const files = failingDisk(({ operation }) => operation === 'link', 'EPERM');
  const first = await tryLock(folder, 'first', { files });
  expect((await tryLock(folder, 'second', { files })).held).toBeNull();
  await first.held!.release();
  expect((await tryLock(folder, 'third', { files })).held).not.toBeNull();
});

it('says so when the disk is full or forbidden', async () => {
  for (const [systemCode, code] of [
    ['ENOSPC', 'AF_STORAGE_FULL'],
    ['EACCES', 'AF_STORAGE_DENIED'],
  ] as const) {
    const folder = await scratch();
    const files = failingDisk(({ operation }) => operation === 'writeFile', systemCode);
    expect(await thrownBy(() => tryLock(folder, 'x', { files }))).toMatchObject({ code });
    expect(await readdir(folder)).toEqual([]);
  }
});
