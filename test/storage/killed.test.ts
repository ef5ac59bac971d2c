import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stream } from '../../nn/random/index.js';
import { openLowdbRegistry } from '../../plugins/registries/lowdb/registry.js';
import { FileCheckpointArea, openFilesStorage } from '../../storage/index.js';
import { checkpointOf } from './support/checkpoint-of.js';
import { startChild } from './support/processes.js';
import { sessionRecord } from './support/records.js';
import { scratchFolders, thrownBy } from './support/scratch.js';

const scratch = scratchFolders();
/** When to kill, in milliseconds after the child is at work. */
const delays = stream(11, 'kill');

it('a process killed while it writes checkpoints leaves an intact one that is at least as new as it said', async () => {
  const folder = join(await scratch(), 'area');
  const warnings: string[] = [];
  let last = 0;
  for (let round = 0; round < 4; round++) {
    const child = startChild('checkpoints', folder);
    await child.printed(2);
    await sleep(delays.integer(40));
    await child.kill();
    const said = Number(child.lines.at(-1));
    const found = await new FileCheckpointArea(folder, {
      onWarning: (message) => warnings.push(message),
    }).latest();
    expect(found!.step).toBeGreaterThanOrEqual(said);
    expect(found).toEqual(checkpointOf(found!.step));
    expect(said).toBeGreaterThan(last);
    last = said;
  }
  expect(warnings).toEqual([]);
  expect((await readdir(folder)).every((name) => name.startsWith('step-'))).toBe(true);
});

it('a process killed while it changes the registry leaves it intact and free for the next', async () => {
  const folder = await scratch();
  const warnings: string[] = [];
  const registry = await openLowdbRegistry(folder, { onWarning: (message) => warnings.push(message) });
  for (let round = 0; round < 3; round++) {
    const child = startChild('registry', folder, `r${round}`);
    await child.printed(3);
    await sleep(delays.integer(25));
    await child.kill();
    await registry.createSession(sessionRecord(`after-${round}`));
    const ids = new Set((await registry.sessions()).map(({ id }) => id));
    expect(child.lines.filter((id) => !ids.has(id))).toEqual([]);
    expect(ids.has(`after-${round}`)).toBe(true);
  }
  expect(warnings).toEqual([]);
  expect(JSON.parse(await readFile(join(folder, 'registry.json'), 'utf8'))).toHaveProperty('sha256');
});

it('two processes and this one change one registry at once without losing a record', async () => {
  const folder = await scratch();
  const children = [startChild('registry', folder, 'a:25'), startChild('registry', folder, 'b:25')];
  const registry = await openLowdbRegistry(folder);
  for (let i = 0; i < 25; i++) {
    await registry.createSession(sessionRecord(`c-${i}`));
    // Reading meanwhile takes no lock and always sees whole snapshots.
    expect((await registry.sessions()).length).toBeGreaterThan(i);
  }
  expect(await Promise.all(children.map((child) => child.ended()))).toEqual([0, 0]);
  const ids = (await registry.sessions()).map(({ id }) => id).sort();
  const expected = ['a', 'b', 'c']
    .flatMap((prefix) => Array.from({ length: 25 }, (_, i) => `${prefix}-${i}`))
    .sort();
  expect(ids).toEqual(expected);
});

it('a session held by another process is refused, and free as soon as that process is killed', async () => {
  const root = await scratch();
  const storage = await openFilesStorage(root);
  const child = startChild('session', root, 's');
  await child.printed(1);
  expect(await storage.isLocked('s')).toBe(true);
  expect(await thrownBy(() => storage.openSession('s', { create: false }))).toMatchObject({
    code: 'AF_SESSION_LOCKED',
    facts: { pid: child.process.pid },
  });
  child.process.kill('SIGSTOP');
  expect(await storage.isLocked('s')).toBe(true);
  await child.kill();
  expect(await storage.isLocked('s')).toBe(false);
  const session = await storage.openSession('s', { create: false });
  expect(await thrownBy(() => startChild('session', root, 's').ended())).toMatchObject({
    message: expect.stringContaining(`process ${process.pid} on`),
  });
  await session.release();
  const next = startChild('session', root, 's');
  await next.printed(1);
  next.process.stdin.write('let go\n');
  expect(await next.ended()).toBe(0);
  expect(await storage.isLocked('s')).toBe(false);
});
