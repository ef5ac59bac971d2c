import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, tryLock } from '../../../storage/index.js';
import { openLowdbRegistry } from '../../../plugins/registries/lowdb/registry.js';
import { crashingDisk, fullDisk } from '../../../testing/faulty-disk.js';
import { handoffRecord, HASH, modelRef, phaseRecord, sessionRecord } from '../../storage/support/records.js';
import { scratchFolders, thrownBy } from '../../storage/support/scratch.js';

const scratch = scratchFolders();

describe('records', () => {
  it('keeps sessions, phases, models and handoffs for whoever opens it next', async () => {
    const folder = await scratch();
    const first = await openLowdbRegistry(folder);
    await first.createSession(sessionRecord('s1'));
    await first.savePhase(phaseRecord('s1', 'cognate'));
    await first.savePhase(
      phaseRecord('s1', 'cognate', { status: 'completed', duration_seconds: 2.5, result: HASH }),
    );
    await first.registerModel(modelRef('m1', 's1'));
    await first.saveHandoff(handoffRecord('h1', 's1', ['m1'], HASH));
    const updated = await first.updateSession('s1', { status: 'completed', progress_percent: 100 });
    await first.close();

    const second = await openLowdbRegistry(folder);
    expect(updated).toMatchObject({ status: 'completed', progress_percent: 100, seed: 7 });
    expect(await second.session('s1')).toEqual(updated);
    expect(await second.phases('s1')).toEqual([
      phaseRecord('s1', 'cognate', { status: 'completed', duration_seconds: 2.5, result: HASH }),
    ]);
    expect(await second.model('m1')).toEqual(modelRef('m1', 's1'));
    expect(await second.handoffs('s1')).toEqual([handoffRecord('h1', 's1', ['m1'], HASH)]);
    expect(await second.session('other')).toBeNull();
    expect(await second.model('other')).toBeNull();
  });

  it('lists newest first, filtered and limited', async () => {
    const registry = await openLowdbRegistry(await scratch());
    await registry.createSession(
      sessionRecord('old', { created_at: '2026-01-01T00:00:00Z', status: 'failed' }),
    );
    await registry.createSession(sessionRecord('new', { created_at: '2026-01-01T00:00:00.500Z' }));
    await registry.createSession(sessionRecord('same', { created_at: '2026-01-01T00:00:00.500Z' }));
    for (const [id, session] of [
      ['Reasoning-1', 'new'],
      ['memory-2', 'new'],
      ['memory-3', 'old'],
    ] as const) {
      await registry.registerModel(modelRef(id, session));
    }

    const ids = (records: readonly { readonly id: string }[]): string[] => records.map(({ id }) => id);
    expect(ids(await registry.sessions())).toEqual(['same', 'new', 'old']);
    expect(ids(await registry.sessions({ status: ['failed'] }))).toEqual(['old']);
    expect(ids(await registry.sessions({ limit: 1 }))).toEqual(['same']);
    expect(ids(await registry.models())).toEqual(['memory-3', 'memory-2', 'Reasoning-1']);
    expect(ids(await registry.models({ session: 'new', limit: 1 }))).toEqual(['memory-2']);
    expect(ids(await registry.models({ search: 'REASON' }))).toEqual(['Reasoning-1']);
    expect(ids(await registry.models({ phase: 'evomerge' }))).toEqual([]);
  });

  it('registers the same files twice as one model, and refuses others under its id', async () => {
    const registry = await openLowdbRegistry(await scratch());
    await registry.registerModel(modelRef('m', 's'));
    await registry.registerModel(modelRef('m', 's', { created_at: '2027-01-01T00:00:00Z' }));
    expect(await registry.model('m')).toEqual(modelRef('m', 's'));
    expect(
      await thrownBy(() => registry.registerModel(modelRef('m', 's', { sha256: 'cd'.repeat(32) }))),
    ).toMatchObject({
      code: 'AF_REGISTRY_DUPLICATE',
      at: 'm',
    });
  });

  it('refuses what would point nowhere and changes nothing', async () => {
    const registry = await openLowdbRegistry(await scratch());
    await registry.createSession(sessionRecord('s'));
    for (const operation of [
      () => registry.updateSession('none', { pinned: true }),
      () => registry.savePhase(phaseRecord('none', 'cognate')),
      () => registry.saveHandoff(handoffRecord('h', 's', ['none'])),
      () => registry.saveHandoff(handoffRecord('h', 'none', [])),
      () => registry.deleteSession('none'),
      () => registry.deleteModel('none'),
    ]) {
      expect(await thrownBy(operation)).toMatchObject({ code: 'AF_REGISTRY_NOT_FOUND' });
    }
    expect(await thrownBy(() => registry.createSession(sessionRecord('s')))).toMatchObject({
      code: 'AF_REGISTRY_DUPLICATE',
    });
    expect(await registry.handoffs('s')).toEqual([]);
  });

  it('refuses records that do not match the schema, saying where', async () => {
    const registry = await openLowdbRegistry(await scratch());
    const error = await thrownBy(() => registry.createSession(sessionRecord('s', { progress_percent: 120 })));
    expect(error).toMatchObject({
      code: 'AF_REGISTRY_INVALID',
      message: expect.stringContaining('registry.sessions.0.progress_percent'),
    });
    expect(await registry.sessions()).toEqual([]);
  });

  it('deletes a session with all that belongs to it and nothing else', async () => {
    const registry = await openLowdbRegistry(await scratch());
    for (const id of ['a', 'b']) {
      await registry.createSession(sessionRecord(id));
      await registry.savePhase(phaseRecord(id, 'cognate'));
      await registry.registerModel(modelRef(`model-${id}`, id));
      await registry.saveHandoff(handoffRecord(`handoff-${id}`, id, [`model-${id}`]));
    }
    await registry.deleteSession('a');
    expect(await registry.session('a')).toBeNull();
    expect([await registry.phases('a'), await registry.handoffs('a')]).toEqual([[], []]);
    expect((await registry.models()).map(({ id }) => id)).toEqual(['model-b']);
    expect((await registry.sessions()).map(({ id }) => id)).toEqual(['b']);
    expect((await registry.handoffs('b')).map(({ id }) => id)).toEqual(['handoff-b']);
    await registry.deleteModel('model-b');
    expect(await registry.models()).toEqual([]);
  });

  it('keeps its own copy of a record', async () => {
    const registry = await openLowdbRegistry(await scratch());
    const record = { ...sessionRecord('s'), pipeline: ['cognate'] };
    await registry.createSession(record);
    record.pipeline.push('changed later');
    expect((await registry.session('s'))?.pipeline).toEqual(['cognate']);
  });
});

describe('damage', () => {
  it('falls back to the previous snapshot for a flipped byte, with a warning, and sets the damaged one aside', async () => {
    const folder = await scratch();
    const registry = await openLowdbRegistry(folder);
    await registry.createSession(sessionRecord('first'));
    await registry.createSession(sessionRecord('second'));
    const path = join(folder, 'registry.json');
    // Still valid JSON and valid by the schema: only the hash can tell.
    await writeFile(path, (await readFile(path, 'utf8')).replace('"seed":7', '"seed":6'));

    const warnings: string[] = [];
    const again = await openLowdbRegistry(folder, { onWarning: (message) => warnings.push(message) });
    expect((await again.sessions()).map(({ id }) => id)).toEqual(['first']);
    expect(warnings[0]).toContain('does not match its hash');
    await again.createSession(sessionRecord('third'));
    expect((await (await openLowdbRegistry(folder)).sessions()).map(({ id }) => id)).toEqual([
      'third',
      'first',
    ]);
    expect(await readFile(`${path}.damaged`, 'utf8')).toContain('"seed":6');
  });

  it('falls back when the snapshot is missing, torn, or of another shape', async () => {
    for (const damage of [null, '{"schema_version":1,"sha', 'null', '{"data":{}}']) {
      const folder = await scratch();
      const registry = await openLowdbRegistry(folder);
      await registry.createSession(sessionRecord('first'));
      await registry.createSession(sessionRecord('second'));
      const path = join(folder, 'registry.json');
      if (damage === null) await rm(path);
      else await writeFile(path, damage);
      expect((await registry.sessions()).map(({ id }) => id)).toEqual(['first']);
    }
  });

  it('stops when both snapshots are damaged, leaving them alone', async () => {
    const folder = await scratch();
    const registry = await openLowdbRegistry(folder);
    await registry.createSession(sessionRecord('first'));
    await registry.createSession(sessionRecord('second'));
    await writeFile(join(folder, 'registry.json'), '{');
    await writeFile(join(folder, 'registry.json.bak'), '}');
    expect(await thrownBy(() => openLowdbRegistry(folder))).toMatchObject({
      code: 'AF_REGISTRY_CORRUPT',
      at: join(folder, 'registry.json'),
    });
    expect(await thrownBy(() => registry.createSession(sessionRecord('third')))).toMatchObject({
      code: 'AF_REGISTRY_CORRUPT',
    });
    expect(await readFile(join(folder, 'registry.json'), 'utf8')).toBe('{');
  });

  it('refuses a registry of a newer version instead of falling back', async () => {
    const folder = await scratch();
    const registry = await openLowdbRegistry(folder);
    await registry.createSession(sessionRecord('s'));
    await registry.createSession(sessionRecord('t'));
    const data = { tables: [] };
    const newer = { schema_version: 3, sha256: sha256(`3 ${JSON.stringify(data)}`), data };
    await writeFile(join(folder, 'registry.json'), JSON.stringify(newer));
    expect(await thrownBy(() => registry.sessions())).toMatchObject({
      code: 'AF_REGISTRY_VERSION',
      exitCode: 2,
    });
    expect(await thrownBy(() => registry.createSession(sessionRecord('u')))).toMatchObject({
      code: 'AF_REGISTRY_VERSION',
    });
  });

  it('takes a flipped version for damage', async () => {
    const folder = await scratch();
    const registry = await openLowdbRegistry(folder);
    await registry.createSession(sessionRecord('s'));
    await registry.createSession(sessionRecord('t'));
    const path = join(folder, 'registry.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"schema_version":2', '"schema_version":3'));
    expect(await registry.sessions()).toHaveLength(1);
  });

  it('leaves no temporary files', async () => {
    const folder = await scratch();
    const registry = await openLowdbRegistry(folder);
    for (let i = 0; i < 5; i++) await registry.createSession(sessionRecord(`s${i}`));
    expect((await readdir(folder)).sort()).toEqual(['lock', 'registry.json', 'registry.json.bak']);
    expect(await readdir(join(folder, 'lock'))).toHaveLength(1);
  });
});

describe('interruption', () => {
  it('at any moment of a change leaves the registry before or after it', async () => {
    const seen = new Set<string>();
    for (let count = 1; ; count++) {
      const folder = await scratch();
      await (await openLowdbRegistry(folder)).createSession(sessionRecord('first'));
      const { files, wasReached } = crashingDisk(count);
      await openLowdbRegistry(folder, { files })
        .then((registry) => registry.createSession(sessionRecord('second')))
        .catch(() => undefined);
      const warnings: string[] = [];
      const found = await (
        await openLowdbRegistry(folder, { onWarning: (message) => warnings.push(message) })
      ).sessions();
      seen.add(found.map(({ id }) => id).join(' '));
      expect(warnings).toEqual([]);
      if (!wasReached()) break;
    }
    expect(seen).toEqual(new Set(['first', 'second first']));
  });

  it('by a full disk changes nothing, and the next change works once there is room', async () => {
    for (const room of [0, 200, 500]) {
      const folder = await scratch();
      const registry = await openLowdbRegistry(folder);
      await registry.createSession(sessionRecord('first'));
      const full = await openLowdbRegistry(folder, { files: fullDisk(room) });
      expect(await thrownBy(() => full.createSession(sessionRecord('second')))).toMatchObject({
        code: 'AF_STORAGE_FULL',
      });
      await registry.createSession(sessionRecord('third'));
      expect((await registry.sessions()).map(({ id }) => id)).toEqual(['third', 'first']);
      expect((await readdir(folder)).sort()).toEqual(['lock', 'registry.json', 'registry.json.bak']);
    }
  });

  it('gives up waiting for a lock that stays held, saying whose it is', async () => {
    const folder = await scratch();
    const registry = await openLowdbRegistry(folder, { lockTimeoutMs: 50 });
    const { held } = await tryLock(join(folder, 'lock'), 'test');
    expect(await thrownBy(() => registry.createSession(sessionRecord('s')))).toMatchObject({
      code: 'AF_REGISTRY_LOCKED',
      message: expect.stringContaining(`process ${process.pid} on`),
    });
    await held!.release();
    await registry.createSession(sessionRecord('s'));
    expect(await registry.sessions()).toHaveLength(1);
  });
});
