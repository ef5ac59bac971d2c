import type { SessionRecord } from '../../core/contracts/registry.js';
import type { CleanupPolicy } from '../../core/contracts/storage.js';

const DAY_MS = 86_400_000;

/** What is to happen to a session, and why. */
export interface Decision {
  readonly session: SessionRecord;
  readonly remove: boolean;
  readonly reason: string;
}

/**
 * Decide about all sessions: the old ones by status go, then the oldest of more than
 * `maxSessions`; running, paused, pinned and locked ones always stay, however many there are.
 *
 * @param locked ids that a live process holds
 * @param now Unix milliseconds
 */
export function decide(
  sessions: readonly SessionRecord[],
  locked: ReadonlySet<string>,
  policy: CleanupPolicy,
  now: number,
): Decision[] {
  const decisions = sessions.map((session) => byAge(session, locked.has(session.id), policy, now));
  const kept = decisions.filter(({ remove }) => !remove).length;
  const excess = new Set(
    decisions
      .filter(({ session, remove }) => !remove && protection(session, locked.has(session.id)) === null)
      .sort((a, b) => a.session.created_at.localeCompare(b.session.created_at))
      .slice(0, Math.max(0, kept - policy.maxSessions))
      .map(({ session }) => session.id),
  );
  return decisions.map((decision) =>
    excess.has(decision.session.id)
      ? {
          ...decision,
          remove: true,
          reason: `more than ${policy.maxSessions} session${policy.maxSessions === 1 ? '' : 's'}`,
        }
      : decision,
  );
}

/** Why a session must not be touched, or null. */
export function protection(session: SessionRecord, locked: boolean): string | null {
  if (locked) return 'in use by a live process';
  if (session.pinned) return 'pinned';
  return session.status === 'running' || session.status === 'paused' ? session.status : null;
}

function byAge(session: SessionRecord, locked: boolean, policy: CleanupPolicy, now: number): Decision {
  const protectedBecause = protection(session, locked);
  if (protectedBecause !== null) return { session, remove: false, reason: protectedBecause };
  const limit = session.status === 'completed' ? policy.completedDays : policy.failedDays;
  const days = (now - Date.parse(session.ended_at ?? session.updated_at)) / DAY_MS;
  const age = `${session.status} ${agoOf(days)}`;
  const remove = days >= limit;
  return { session, remove, reason: remove && limit > 0 ? `${age}, kept for ${daysOf(limit)}` : age };
}

function agoOf(days: number): string {
  const whole = Math.floor(days);
  return whole < 1 ? 'less than a day ago' : `${daysOf(whole)} ago`;
}

function daysOf(count: number): string {
  return `${count} day${count === 1 ? '' : 's'}`;
}
