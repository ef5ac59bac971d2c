import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes, openFilesStorage } from '../../storage/index.js';
import { reserveSessionId } from '../../storage/sessions.js';
import { scratchFolders, thrownBy } from './support/scratch.js';

const scratch = scratchFolders();

it('reserves a fresh id for each of many starts in one second', async () => {
  const folder = join(await scratch(), 'sessions');
  const now = new Date('2026-03-04T05:06:07.890Z');
  const ids = await Promise.all(Array.from({ length: 5 }, () => reserveSessionId(folder, now)));
  const base = 'session_20260304_050607';
  expect(ids.sort()).toEqual([base, `${base}_2`, `${base}_3`, `${base}_4`, `${base}_5`]);
});

it('opens a session once at a time and says who has it', async () => {
  const storage = await openFilesStorage(await scratch());
  const id = await storage.newSessionId();
  expect(id).toMatch(/^session_\d{8}_\d{6}$/);
  const session = await storage.openSession(id, { create: false });
  expect(await storage.isLocked(id)).toBe(true);
  const error = await thrownBy(() => storage.openSession(id, { create: true }));
  expect(error).toMatchObject({
    code: 'AF_SESSION_LOCKED',
    at: session.folder,
    message: expect.stringMatching(new RegExp(`process ${process.pid} on .*, since 20.*this very process`)),
    facts: { session: id, pid: process.pid },
  });
  await session.release();
  expect(await storage.isLocked(id)).toBe(false);
  await (await storage.openSession(id, { create: false })).release();
});

it('refuses ids that do not exist or are no names', async () => {
  const storage = await openFilesStorage(await scratch());
  for (const id of ['session_20260101_000000', '../artifacts', '..', '', 'a/b']) {
    expect(await thrownBy(() => storage.openSession(id, { create: false }))).toMatchObject({
      code: 'AF_SESSION_NOT_FOUND',
      exitCode: 2,
    });
    expect(await storage.isLocked(id)).toBe(false);
  }
  expect(await thrownBy(() => storage.openSession('../x', { create: true }))).toMatchObject({
    code: 'AF_SESSION_NOT_FOUND',
  });
  const session = await storage.openSession('chosen', { create: true });
  expect(session.folder).toBe(join(storage.root, 'sessions', 'chosen'));
});

it('keeps small files and checkpoints in its folder', async () => {
  const storage = await openFilesStorage(await scratch());
  const session = await storage.openSession('s', { create: true });
  await session.writeFile('config.json', '{}');
  await session.writeFile('reports/cognate.json', '[]');
  expect(await session.readFile('config.json')).toBe('{}');
  expect(await session.readFile('reports/cognate.json')).toBe('[]');
  expect(await session.readFile('none.json')).toBeNull();
  for (const name of ['../x', '/etc/x', 'a/../b', '', '.hidden', 'a//b']) {
    expect(await thrownBy(() => session.writeFile(name, ''))).toMatchObject({ code: 'AF_STORAGE_NAME' });
    expect(await thrownBy(() => session.readFile(name))).toMatchObject({ code: 'AF_STORAGE_NAME' });
  }
  await session.checkpoints('cognate').save({ step: 3, tensors: {}, state: null });
  expect((await session.checkpoints('cognate').latest())?.step).toBe(3);
  expect(await session.checkpoints('evomerge').latest()).toBeNull();
  expect(await readdir(join(session.folder, 'checkpoints'))).toEqual(['cognate']);
});

it('writes nothing after it gave the session back or lost it', async () => {
  const storage = await openFilesStorage(await scratch());
  const first = await storage.openSession('s', { create: true });
  await first.release();
  expect(await thrownBy(() => first.writeFile('config.json', '{}'))).toMatchObject({
    code: 'AF_SESSION_LOCKED',
  });
  const second = await storage.openSession('s', { create: false });
  expect(
    await thrownBy(() => first.checkpoints('p').save({ step: 1, tensors: {}, state: null })),
  ).toMatchObject({
    code: 'AF_SESSION_LOCKED',
    facts: { pid: process.pid },
  });
  expect(await second.checkpoints('p').latest()).toBeNull();
  await second.release();
});

it('keeps the storage folder out of git without overwriting what is there', async () => {
  const root = await scratch();
  await (await openFilesStorage(join(root, 'fresh'))).newSessionId();
  expect(await readFile(join(root, 'fresh', '.gitignore'), 'utf8')).toBe('*\n');
  await mkdir(join(root, 'old'));
  await writeFile(join(root, 'old', '.gitignore'), '# mine\n');
  await (await openFilesStorage(join(root, 'old'))).artifacts.put('a.txt', 'text');
  expect(await readFile(join(root, 'old', '.gitignore'), 'utf8')).toBe('# mine\n');
});

it('knows the free space, also of a folder to be made', async () => {
  const storage = await openFilesStorage(await scratch());
  expect(await storage.freeBytes()).toBeGreaterThan(0);
  expect(await freeBytes(join(storage.root, 'not', 'yet', 'there'))).toBeGreaterThan(0);
});
