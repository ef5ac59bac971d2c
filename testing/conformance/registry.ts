import type { Registry, RegistryProvider } from '../../core/contracts/registry.js';
import type { ConformanceCase, Subject } from '../case.js';
import { expectEqual, expectFailure, expectThat } from '../expect.js';
import { handoffRecord, modelRef, phaseRecord, sessionRecord } from '../fixtures/records.js';
import { withTemporaryFolder } from '../temporary-folder.js';

const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;
const ids = (records: readonly { readonly id: string }[]): string[] => records.map((record) => record.id);

async function sessions(registry: Registry): Promise<void> {
  await registry.createSession(sessionRecord('s1', { created_at: at(1) }));
  await registry.createSession(sessionRecord('s2', { created_at: at(2), status: 'completed' }));
  expectEqual(
    await registry.session('s1'),
    sessionRecord('s1', { created_at: at(1) }),
    'the session that was created',
  );
  expectEqual(await registry.session('nobody'), null, 'a session that is not there');
  expectEqual(ids(await registry.sessions()), ['s2', 's1'], 'sessions, newest first');
  expectEqual(ids(await registry.sessions({ status: ['completed'] })), ['s2'], 'completed sessions');
  expectEqual(ids(await registry.sessions({ limit: 1 })), ['s2'], 'one session');
  const error = { code: 'AF_PHASE_FAILED', message: 'it failed' };
  const changed = await registry.updateSession('s1', { status: 'failed', progress_percent: 50, error });
  expectThat(
    changed.status === 'failed' && changed.progress_percent === 50,
    'updateSession gives the new record',
  );
  expectEqual((await registry.session('s1'))?.error, error, 'the error of the updated session');
  await expectFailure(
    () => registry.updateSession('nobody', { pinned: true }),
    'updating no session',
    'AF_REGISTRY_NOT_FOUND',
  );
  await expectFailure(
    () => registry.createSession(sessionRecord('s1', { seed: 1 })),
    'creating a session twice',
    'AF_REGISTRY_DUPLICATE',
  );
}

async function phases(registry: Registry): Promise<void> {
  await registry.createSession(sessionRecord('s1'));
  await registry.savePhase(phaseRecord('s1', 'cognate'));
  await registry.savePhase(phaseRecord('s1', 'evomerge', { started_at: at(5) }));
  const done = phaseRecord('s1', 'cognate', {
    status: 'completed',
    ended_at: at(4),
    duration_seconds: 240,
    result: 'e'.repeat(64),
  });
  await registry.savePhase(done);
  const saved = await registry.phases('s1');
  expectEqual(saved.map((record) => record.phase).sort(), ['cognate', 'evomerge'], 'phases, each once');
  expectEqual(
    saved.find((record) => record.phase === 'cognate'),
    done,
    'the phase as saved last',
  );
  expectEqual(await registry.phases('nobody'), [], 'phases of no session');
}

async function models(registry: Registry): Promise<void> {
  await registry.createSession(sessionRecord('s1'));
  const first = modelRef('alpha_s1', 's1', { created_at: at(1), model_name: 'Alpha' });
  const second = modelRef('beta_s1', 's1', { created_at: at(2), phase_name: 'evomerge' });
  await registry.registerModel(first);
  await registry.registerModel(second);
  await registry.registerModel(first);
  expectEqual(await registry.model('alpha_s1'), first, 'the model that was registered');
  expectEqual(await registry.model('nobody'), null, 'a model that is not there');
  expectEqual(ids(await registry.models()), ['beta_s1', 'alpha_s1'], 'models, newest first, each once');
  expectEqual(ids(await registry.models({ phase: 'evomerge' })), ['beta_s1'], 'models of a phase');
  expectEqual(ids(await registry.models({ session: 'other' })), [], 'models of another session');
  expectEqual(ids(await registry.models({ search: 'ALPH' })), ['alpha_s1'], 'models by name, any case');
  expectEqual(ids(await registry.models({ limit: 1 })), ['beta_s1'], 'one model');
  const other = { ...first, weights: { ...first.weights, sha256: 'f'.repeat(64) } };
  await expectFailure(
    () => registry.registerModel(other),
    'another model of the same id',
    'AF_REGISTRY_DUPLICATE',
  );
  await registry.deleteModel('alpha_s1');
  expectEqual(await registry.model('alpha_s1'), null, 'a deleted model');
}

async function deletion(registry: Registry): Promise<void> {
  for (const id of ['s1', 's2']) {
    await registry.createSession(sessionRecord(id));
    await registry.savePhase(phaseRecord(id, 'cognate'));
    await registry.registerModel(modelRef(`m_${id}`, id));
    await registry.saveHandoff(handoffRecord(`h_${id}`, id, { model_ids: [`m_${id}`] }));
  }
  expectEqual(ids(await registry.sessions()).sort(), ['s1', 's2'], 'the sessions');
  expectEqual(ids(await registry.models()).sort(), ['m_s1', 'm_s2'], 'the models');
  await registry.deleteSession('s1');
  expectEqual(await registry.session('s1'), null, 'the deleted session');
  expectEqual(
    [await registry.phases('s1'), await registry.handoffs('s1'), await registry.model('m_s1')],
    [[], [], null],
    'what it had',
  );
  expectEqual(ids(await registry.sessions()), ['s2'], 'the sessions after deleting');
  expectEqual(ids(await registry.models()), ['m_s2'], 'the models after deleting');
  expectEqual((await registry.phases('s2')).length, 1, 'phases of the other session');
  expectEqual(ids(await registry.handoffs('s2')), ['h_s2'], 'handoffs of the other session');
}

async function persistence(provider: RegistryProvider, folder: string): Promise<void> {
  const first = await provider.open(folder);
  await first.createSession(sessionRecord('s1'));
  await first.registerModel(modelRef('m1', 's1'));
  await first.saveHandoff(handoffRecord('h1', 's1'));
  await first.close();
  const second = await provider.open(folder);
  try {
    expectEqual(await second.session('s1'), sessionRecord('s1'), 'the session after reopening');
    expectEqual(await second.model('m1'), modelRef('m1', 's1'), 'the model after reopening');
    expectEqual(await second.handoffs('s1'), [handoffRecord('h1', 's1')], 'the handoffs after reopening');
  } finally {
    await second.close();
  }
}

async function sharing(provider: RegistryProvider, folder: string): Promise<void> {
  const [writer, reader] = [await provider.open(folder), await provider.open(folder)];
  try {
    await writer.createSession(sessionRecord('s1'));
    expectThat((await reader.session('s1')) !== null, 'a second handle does not see the session');
    expectEqual((await writer.session('s1'))?.pinned, false, 'the session before the change');
    await reader.updateSession('s1', { pinned: true });
    expectEqual((await writer.session('s1'))?.pinned, true, 'a change made through the second handle');
    const names = Array.from({ length: 12 }, (_, i) => `c${i}`);
    await Promise.all(names.map((id, i) => (i % 2 === 0 ? writer : reader).createSession(sessionRecord(id))));
    expectEqual((await writer.sessions()).length, 13, 'sessions created through two handles at once');
  } finally {
    await writer.close();
    await reader.close();
  }
}

async function isolation(registry: Registry): Promise<void> {
  const record = sessionRecord('s1', { pipeline: ['cognate'] });
  await registry.createSession(record);
  (record.pipeline as string[]).push('changed by the caller');
  const read = await registry.session('s1');
  (read?.pipeline as string[] | undefined)?.push('changed by a reader');
  expectEqual((await registry.session('s1'))?.pipeline, ['cognate'], 'the pipeline as stored');
}

/** What every registry must do: keep records exactly, for many handles at once, over restarts. */
export function registryConformance(subject: Subject<RegistryProvider>): ConformanceCase[] {
  const onOne = (name: string, check: (registry: Registry) => Promise<void>): ConformanceCase => ({
    name,
    run: () =>
      withTemporaryFolder(async (folder) => {
        const registry = await (await subject()).open(folder);
        try {
          await check(registry);
        } finally {
          await registry.close();
        }
      }),
  });
  const onFolder = (
    name: string,
    check: (provider: RegistryProvider, folder: string) => Promise<void>,
  ): ConformanceCase => ({
    name,
    run: () => withTemporaryFolder(async (folder) => check(await subject(), folder)),
  });
  return [
    onOne('keeps sessions', sessions),
    onOne('keeps one record per phase', phases),
    onOne('keeps models, the same one only once', models),
    onOne('deletes a session with all it has', deletion),
    onOne('hands out copies', isolation),
    onFolder('keeps everything over a restart', persistence),
    onFolder('serves two handles at once', sharing),
  ];
}
