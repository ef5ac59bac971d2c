import type { Registry, SessionRecord, SessionStatus, Storage } from '../../contracts/index.js';
import { ForgeError, nearest } from '../../errors/index.js';

/** Statuses of sessions that have something left to do. */
const RESUMABLE: ReadonlySet<SessionStatus> = new Set<SessionStatus>([
  'created',
  'running',
  'paused',
  'failed',
  'interrupted',
]);

/** The session as it really is: one that says `running` while no live process holds it was interrupted. */
async function withTrueStatus(session: SessionRecord, storage: Storage): Promise<SessionRecord> {
  const claims = session.status === 'running' || session.status === 'created';
  if (!claims || (await storage.isLocked(session.id))) return session;
  return { ...session, status: 'interrupted' };
}

/** Sessions newest first with their true status; the filter is on the true status too. */
export async function listSessions(
  registry: Registry,
  storage: Storage,
  filter: { readonly status?: readonly SessionStatus[]; readonly limit?: number } = {},
): Promise<SessionRecord[]> {
  const all = await Promise.all(
    (await registry.sessions()).map((session) => withTrueStatus(session, storage)),
  );
  const wanted = all.filter(({ status }) => filter.status?.includes(status) ?? true);
  return wanted.slice(0, filter.limit);
}

/**
 * The session to resume: by id, or the newest one with something left to do that nobody works on.
 * @throws ForgeError AF_SESSION_NOT_FOUND
 */
export async function findSession(
  wanted: string,
  registry: Registry,
  storage: Storage,
): Promise<SessionRecord> {
  if (wanted !== 'latest') {
    const session = await registry.session(wanted);
    if (session !== null) return withTrueStatus(session, storage);
    throw await notFound(wanted, registry);
  }
  const newest = (await listSessions(registry, storage)).find(
    ({ status }) => RESUMABLE.has(status) && status !== 'running',
  );
  if (newest !== undefined) return newest;
  throw new ForgeError(
    'AF_SESSION_NOT_FOUND',
    'There is no session to resume: all are completed or being worked on.',
    {
      at: '--resume',
      fix: '`agentforge status` lists the sessions; start a new one with `agentforge run`.',
    },
  );
}

async function notFound(wanted: string, registry: Registry): Promise<ForgeError> {
  const ids = (await registry.sessions({ limit: 100 })).map(({ id }) => id);
  const suggestion = nearest(wanted, ids);
  const known = ids.length === 0 ? 'There are no sessions yet.' : `The newest is ${ids[0]!}.`;
  return new ForgeError('AF_SESSION_NOT_FOUND', `There is no session "${wanted}".`, {
    at: wanted,
    fix:
      suggestion === undefined
        ? `${known} \`agentforge status\` lists them.`
        : `Did you mean ${suggestion}? ${known}`,
    facts: { suggestion: suggestion ?? null },
  });
}
