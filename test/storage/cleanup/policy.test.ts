import fc from 'fast-check';
import type { SessionRecord } from '../../../core/contracts/registry.js';
import { decide } from '../../../storage/cleanup/index.js';
import { sessionRecord } from '../support/records.js';

const now = Date.parse('2026-06-01T00:00:00Z');
const POLICY = { completedDays: 30, failedDays: 7, maxSessions: 100 };

function aged(
  id: string,
  status: SessionRecord['status'],
  days: number,
  changes: Partial<SessionRecord> = {},
): SessionRecord {
  const time = new Date(now - days * 86_400_000).toISOString();
  const ended_at = ['completed', 'failed'].includes(status) ? time : null;
  return sessionRecord(id, { status, created_at: time, updated_at: time, ended_at, ...changes });
}

function going(
  sessions: readonly SessionRecord[],
  policy = POLICY,
  locked: readonly string[] = [],
): string[] {
  return decide(sessions, new Set(locked), policy, now)
    .filter(({ remove }) => remove)
    .map(({ session }) => session.id);
}

it('removes by age and status', () => {
  const sessions = [
    aged('completed-29', 'completed', 29.9),
    aged('completed-30', 'completed', 30),
    aged('failed-6', 'failed', 6.9),
    aged('failed-7', 'failed', 7),
    aged('interrupted-7', 'interrupted', 7),
    aged('created-7', 'created', 7),
    aged('running-old', 'running', 1000),
    aged('paused-old', 'paused', 1000),
    aged('pinned', 'completed', 1000, { pinned: true }),
    aged('locked', 'failed', 1000),
  ];
  expect(going(sessions, POLICY, ['locked'])).toEqual([
    'completed-30',
    'failed-7',
    'interrupted-7',
    'created-7',
  ]);
  const reasons = decide(sessions, new Set(['locked']), POLICY, now).map(({ reason }) => reason);
  expect(reasons).toEqual([
    'completed 29 days ago',
    'completed 30 days ago, kept for 30 days',
    'failed 6 days ago',
    'failed 7 days ago, kept for 7 days',
    'interrupted 7 days ago, kept for 7 days',
    'created 7 days ago, kept for 7 days',
    'running',
    'paused',
    'pinned',
    'in use by a live process',
  ]);
});

it('says ages as people do', () => {
  const reasons = (policy: typeof POLICY): string[] =>
    decide([aged('a', 'completed', 0.2), aged('b', 'completed', 1.9)], new Set(), policy, now).map(
      ({ reason }) => reason,
    );
  expect(reasons({ ...POLICY, completedDays: 0 })).toEqual([
    'completed less than a day ago',
    'completed 1 day ago',
  ]);
  expect(reasons({ ...POLICY, completedDays: 1 })[1]).toBe('completed 1 day ago, kept for 1 day');
  expect(reasons({ ...POLICY, completedDays: 0.1 })[0]).toBe(
    'completed less than a day ago, kept for 0.1 days',
  );
});

it('removes the oldest of too many, but never what is protected', () => {
  const sessions = [
    aged('paused-oldest', 'paused', 20),
    aged('old', 'completed', 10),
    aged('pinned-old', 'completed', 9, { pinned: true }),
    aged('middle', 'failed', 5),
    aged('new', 'completed', 1),
  ];
  expect(going(sessions, { ...POLICY, maxSessions: 4 })).toEqual(['old']);
  expect(going(sessions, { ...POLICY, maxSessions: 3 })).toEqual(['old', 'middle']);
  expect(going(sessions, { ...POLICY, maxSessions: 0 })).toEqual(['old', 'middle', 'new']);
});

it('never decides against a protected session, whatever the policy', () => {
  const session = fc.record({
    status: fc.constantFrom<SessionRecord['status']>(
      'created',
      'running',
      'paused',
      'completed',
      'failed',
      'interrupted',
    ),
    days: fc.nat(400),
    pinned: fc.boolean(),
    locked: fc.boolean(),
  });
  const policy = fc.record({ completedDays: fc.nat(60), failedDays: fc.nat(60), maxSessions: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(session, { maxLength: 12 }), policy, (facts, limits) => {
      const sessions = facts.map(({ status, days, pinned }, i) => aged(`s${i}`, status, days, { pinned }));
      const locked = facts.flatMap((fact, i) => (fact.locked ? [`s${i}`] : []));
      const removed = new Set(going(sessions, limits, locked));
      const removable = sessions.filter(
        ({ id, status, pinned }) =>
          !pinned && !locked.includes(id) && status !== 'running' && status !== 'paused',
      );
      expect([...removed].every((id) => removable.some((session) => session.id === id))).toBe(true);
      // At most as many as allowed stay, unless nothing more may go.
      expect(sessions.length - removed.size <= limits.maxSessions || removed.size === removable.length).toBe(
        true,
      );
    }),
  );
});
