import { mkdir, readdir, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRef } from '../../../core/contracts/model.js';
import type { Registry, SessionRecord } from '../../../core/contracts/registry.js';
import type { Storage } from '../../../core/contracts/storage.js';
import { openLowdbRegistry } from '../../../plugins/registries/lowdb/registry.js';
import {
  applyCleanup,
  openFilesStorage,
  planCleanup,
  storageFolders,
  type CleanupScope,
} from '../../../storage/index.js';
import { temporaryName } from '../../../storage/temporary.js';
import { handoffRecord, modelRef, phaseRecord, sessionRecord } from '../support/records.js';
import { scratchFolders } from '../support/scratch.js';

const scratch = scratchFolders();
const POLICY = { completedDays: 30, failedDays: 7, maxSessions: 100 };
/** Far enough ahead that everything a test writes is old. */
const now = Date.now() + 100 * 86_400_000;

interface House {
  readonly root: string;
  readonly storage: Storage;
  readonly registry: Registry;
  readonly scope: CleanupScope;
}

async function house(): Promise<House> {
  const root = await scratch();
  const storage = await openFilesStorage(root);
  const registry = await openLowdbRegistry(storageFolders(root).registry);
  return { root, storage, registry, scope: { root, registry, now } };
}

/** A session with a model and a handoff document of its own, its folder and a checkpoint. */
async function addSession(
  { storage, registry }: House,
  id: string,
  status: SessionRecord['status'],
  daysAgo: number,
): Promise<ArtifactRef[]> {
  const time = new Date(now - daysAgo * 86_400_000).toISOString();
  const session = await storage.openSession(id, { create: true });
  await session.writeFile('config.json', '{"seed":7}');
  await session.release();
  await registry.createSession(
    sessionRecord(id, {
      status,
      created_at: time,
      updated_at: time,
      ended_at: status === 'paused' ? null : time,
    }),
  );
  const weights = await storage.artifacts.put('model.safetensors', `weights of ${id}`);
  const base = await storage.artifacts.put('base.safetensors', `base of ${id}`);
  const document = await storage.artifacts.put('handoff.json', JSON.stringify({ artifacts: { base } }));
  await registry.registerModel(modelRef(`model-${id}`, id, weights));
  await registry.savePhase(phaseRecord(id, 'cognate', { result: document.sha256 }));
  await registry.saveHandoff(handoffRecord(`handoff-${id}`, id, [`model-${id}`], document.sha256));
  return [weights, base, document];
}

async function everything(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

async function setTime({ storage }: House, ref: ArtifactRef, ms: number): Promise<void> {
  await utimes(storage.artifacts.path(ref), new Date(ms), new Date(ms));
}

it('plans without changing anything, and says what, why and how much', async () => {
  const home = await house();
  const refs = await addSession(home, 'old', 'completed', 40);
  await addSession(home, 'fresh', 'completed', 3);
  const garbage = await home.storage.artifacts.put('forgotten', 'nobody refers to this');
  const before = await everything(home.root);
  const plan = await planCleanup(home.scope, POLICY);
  expect(await everything(home.root)).toEqual(before);
  expect(plan.remove[0]).toMatchObject({
    kind: 'session',
    id: 'old',
    reason: 'completed 40 days ago, kept for 30 days',
  });
  expect(plan.remove[0]!.bytes).toBeGreaterThan(10);
  const artifacts = plan.remove.filter(({ kind }) => kind === 'artifact');
  expect(artifacts.map(({ id }) => id).sort()).toEqual([...refs, garbage].map(({ sha256 }) => sha256).sort());
  expect(artifacts.find(({ id }) => id === garbage.sha256)).toMatchObject({
    bytes: 21,
    reason: 'nothing refers to it',
  });
  expect(plan.keep).toEqual([{ id: 'fresh', reason: 'completed 3 days ago' }]);
  expect(plan.bytes).toBe(plan.remove.reduce((sum, { bytes }) => sum + bytes, 0));
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
});

it('removes what was planned and keeps all that the rest refers to', async () => {
  const home = await house();
  const old = await addSession(home, 'old', 'failed', 8);
  const kept = await addSession(home, 'kept', 'completed', 8);
  const plan = await planCleanup(home.scope, POLICY);
  const result = await applyCleanup(plan, home.scope);
  expect(result).toEqual({ removed: plan.remove, skipped: [], bytes: plan.bytes });
  expect(await home.registry.session('old')).toBeNull();
  expect(await home.registry.models()).toHaveLength(1);
  expect(await readdir(join(home.root, 'sessions'))).toEqual(['kept']);
  for (const ref of old)
    expect(() => home.storage.artifacts.path(ref)).toThrow(
      expect.objectContaining({ code: 'AF_ARTIFACT_MISSING' }),
    );
  for (const ref of kept) await home.storage.artifacts.read(ref);
  expect((await planCleanup(home.scope, POLICY)).remove).toEqual([]);
});

it('keeps artifacts shared with a session that stays', async () => {
  const home = await house();
  await addSession(home, 'old', 'completed', 40);
  await addSession(home, 'fresh', 'completed', 1);
  const shared = await home.storage.artifacts.put('model.safetensors', 'weights of old');
  await home.registry.registerModel(modelRef('again', 'fresh', shared));
  await applyCleanup(await planCleanup(home.scope, POLICY), home.scope);
  await home.storage.artifacts.read(shared);
});

it('keeps what only the checkpoint of a session that stays refers to', async () => {
  const home = await house();
  const session = await home.storage.openSession('s', { create: true });
  const time = new Date(now - 86_400_000).toISOString();
  await home.registry.createSession(
    sessionRecord('s', { status: 'failed', created_at: time, updated_at: time, ended_at: time }),
  );
  const trunk = await home.storage.artifacts.put('trunk', 'made on the way');
  await session.checkpoints('cognate').child('branch').save({ step: 1, tensors: {}, state: { trunk } });
  await session.release();
  expect((await planCleanup(home.scope, POLICY)).remove).toEqual([]);
});

it('keeps everything a session that may go on can have made, and everything young', async () => {
  const home = await house();
  await addSession(home, 'paused', 'paused', 120);
  await home.storage.artifacts.put('unrecorded', 'made by the paused session');
  expect((await planCleanup(home.scope, POLICY)).remove).toEqual([]);

  const young = await house();
  await young.storage.artifacts.put('unrecorded', 'made just now');
  expect((await planCleanup({ ...young.scope, now: Date.now() }, POLICY)).remove).toEqual([]);

  const unregistered = await house();
  await unregistered.storage.artifacts.put('unrecorded', 'made by a session that is not registered yet');
  const session = await unregistered.storage.openSession('starting', { create: true });
  expect((await planCleanup(unregistered.scope, POLICY)).remove).toEqual([]);
  await session.release();
  expect((await planCleanup(unregistered.scope, POLICY)).remove.map(({ kind }) => kind).sort()).toEqual([
    'artifact',
    'leftover',
  ]);
});

it('does not touch a session that somebody opened or pinned since the plan, nor what it refers to', async () => {
  const home = await house();
  const refs = await addSession(home, 'opened', 'completed', 40);
  await addSession(home, 'pinned', 'completed', 40);
  const plan = await planCleanup(home.scope, POLICY);
  const session = await home.storage.openSession('opened', { create: false });
  await home.registry.updateSession('pinned', { pinned: true });
  const result = await applyCleanup(plan, home.scope);
  expect(result.removed).toEqual([]);
  const sessions = result.skipped.filter(({ item }) => item.kind === 'session');
  expect(Object.fromEntries(sessions.map(({ item, reason }) => [item.id, reason]))).toEqual({
    opened: 'in use by a live process',
    pinned: 'pinned',
  });
  for (const ref of refs) await home.storage.artifacts.read(ref);
  expect(await session.readFile('config.json')).toBe('{"seed":7}');
  await session.release();
});

it('lets go at once what a removed session made, unless somebody has stored it again after its end', async () => {
  const home = await house();
  const young = { ...home.scope, now: Date.now() + 3_600_000 };
  const refs = await addSession(home, 'done', 'completed', (now - young.now + 1_800_000) / 86_400_000);
  const end = Date.parse((await home.registry.session('done'))!.ended_at!);
  const [again, ...others] = refs;
  for (const ref of others) await setTime(home, ref, end);
  await setTime(home, again!, end + 60_000);
  const loose = await home.storage.artifacts.put('loose', 'of nobody');

  const plan = await planCleanup(young, { ...POLICY, completedDays: 0 });
  const planned = plan.remove.filter(({ kind }) => kind === 'artifact').map(({ id }) => id);
  expect(planned.sort()).toEqual(others.map(({ sha256 }) => sha256).sort());
  const latest = (await stat(home.storage.artifacts.path(again!))).mtimeMs;
  expect(plan.waiting).toEqual({
    artifacts: 2,
    bytes: again!.bytes + loose.bytes,
    until: new Date(latest + 86_400_000).toISOString(),
    sessions: [],
  });

  const { removed, skipped } = await applyCleanup(plan, young);
  expect(skipped).toEqual([]);
  expect(removed).toHaveLength(plan.remove.length);
  await home.storage.artifacts.read(again!);
  await home.storage.artifacts.read(loose);
  for (const ref of others)
    await expect(home.storage.artifacts.read(ref)).rejects.toMatchObject({ code: 'AF_ARTIFACT_MISSING' });

  const now0 = await planCleanup(young, { ...POLICY, graceHours: 0 });
  expect(now0).toMatchObject({ remove: [{ kind: 'artifact' }, { kind: 'artifact' }], waiting: null });
  expect((await applyCleanup(now0, young)).removed).toHaveLength(2);
});

it('names the session that what stays may belong to', async () => {
  const home = await house();
  await addSession(home, 'paused', 'paused', 120);
  await home.storage.artifacts.put('unrecorded', 'made by the paused session');
  const plan = await planCleanup(home.scope, { ...POLICY, graceHours: 0 });
  expect(plan.remove).toEqual([]);
  expect(plan.waiting).toMatchObject({ artifacts: 1, until: null, sessions: ['paused'] });
});

it('keeps an artifact that was stored again since the plan', async () => {
  const home = await house();
  const ref = await home.storage.artifacts.put('x', 'content');
  const path = home.storage.artifacts.path(ref);
  const plan = await planCleanup(home.scope, POLICY);
  expect(plan.remove).toHaveLength(1);
  await utimes(path, new Date(now), new Date(now));
  expect(await applyCleanup(plan, home.scope)).toMatchObject({
    removed: [],
    skipped: [{ reason: 'in use again, or gone' }],
  });
  await home.storage.artifacts.read(ref);
});

it('never follows a link out of the root', async () => {
  const home = await house();
  const outside = await scratch();
  await addSession(home, 'moved', 'completed', 40);
  const sessions = join(home.root, 'sessions');
  await rename(join(sessions, 'moved'), join(outside, 'moved'));
  await symlink(join(outside, 'moved'), join(sessions, 'moved'));
  await addSession(home, 'links', 'completed', 40);
  await mkdir(join(outside, 'precious'));
  await writeFile(join(outside, 'precious', 'file'), 'x');
  await symlink(join(outside, 'precious'), join(sessions, 'links', 'precious'));
  const plan = await planCleanup(home.scope, POLICY);
  expect(plan.keep).toEqual([{ id: 'moved', reason: 'its folder is a link to elsewhere' }]);
  await applyCleanup(plan, home.scope);
  expect(await readdir(sessions)).toEqual(['moved']);
  expect((await stat(join(outside, 'precious', 'file'))).size).toBe(1);
  expect(await readdir(join(outside, 'moved'))).toContain('config.json');
  const forged = {
    remove: [
      { kind: 'session' as const, id: '../..', bytes: 0, reason: '' },
      { kind: 'leftover' as const, id: '../../etc', bytes: 0, reason: '' },
    ],
    keep: [],
    bytes: 0,
  };
  expect(await applyCleanup(forged, home.scope)).toMatchObject({ removed: [] });
});

it('clears away what killed processes left, and sessions that were reserved but never used', async () => {
  const home = await house();
  const dead = temporaryName().replace(`-${process.pid}-`, '-4194305-');
  await mkdir(join(home.root, 'artifacts', 'pending'), { recursive: true });
  await writeFile(join(home.root, 'artifacts', 'pending', dead), 'half a model');
  await mkdir(join(home.root, 'sessions', dead), { recursive: true });
  await writeFile(join(home.root, 'artifacts', 'pending', temporaryName()), 'being written');
  await home.storage.newSessionId();
  await mkdir(join(home.root, 'sessions', 'foreign'));
  await writeFile(join(home.root, 'sessions', 'foreign', 'notes.txt'), 'not ours');
  const old = new Date(now - 5 * 86_400_000);
  for (const name of await readdir(join(home.root, 'sessions')))
    await utimes(join(home.root, 'sessions', name), old, old);
  const plan = await planCleanup(home.scope, POLICY);
  expect(plan.remove.map(({ kind, reason }) => `${kind}: ${reason}`)).toEqual([
    'leftover: left by a process that was killed',
    'leftover: left by a process that was killed',
    'leftover: reserved but never used',
  ]);
  expect((await applyCleanup(plan, home.scope)).removed).toEqual(plan.remove);
  expect(await readdir(join(home.root, 'sessions'))).toEqual(['foreign']);
  expect(await readdir(join(home.root, 'artifacts', 'pending'))).toHaveLength(1);
});

it('finishes what a killed cleanup began', async () => {
  const home = await house();
  await addSession(home, 'old', 'completed', 40);
  const dead = temporaryName().replace(`-${process.pid}-`, '-4194305-');
  await rename(join(home.root, 'sessions', 'old'), join(home.root, 'sessions', dead));
  const plan = await planCleanup(home.scope, POLICY);
  await applyCleanup(plan, home.scope);
  expect(await home.registry.sessions()).toEqual([]);
  expect(await readdir(join(home.root, 'sessions'))).toEqual([]);
});

it('puts the folder back when the registry cannot be changed', async () => {
  const home = await house();
  await addSession(home, 'old', 'completed', 40);
  const refusing = new Proxy(home.registry, {
    get: (registry, key: keyof Registry) =>
      key === 'deleteSession' ? () => Promise.reject(new Error('refused')) : registry[key].bind(registry),
  });
  const scope = { ...home.scope, registry: refusing };
  await expect(applyCleanup(await planCleanup(scope, POLICY), scope)).rejects.toMatchObject({
    code: 'AF_STORAGE_IO',
  });
  const session = await home.storage.openSession('old', { create: false });
  expect(await session.readFile('config.json')).toBe('{"seed":7}');
});

it('is part of the storage plugin interface', async () => {
  const { storage, registry } = await house();
  const plan = await storage.planCleanup!(registry, POLICY);
  expect(await storage.applyCleanup!(plan, registry)).toEqual({ removed: [], skipped: [], bytes: 0 });
});
