import { recorded, type Run } from './run.js';

/**
 * What the policy lets go is removed after a completed run, if the config says so (`cleanup.auto`). The session that has
 * just ended is locked still and stays in any case.
 */
export async function cleanUp(run: Run): Promise<void> {
  const { storage, registry, core } = run;
  const { auto, ...policy } = core.config.cleanup;
  if (!auto || storage.planCleanup === undefined || storage.applyCleanup === undefined) return;
  const plan = await recorded(run, () => storage.planCleanup!(registry, policy));
  if (plan.remove.length === 0) return;
  const { removed, bytes } = await recorded(run, () => storage.applyCleanup!(plan, registry));
  if (removed.length === 0) return;
  const sessions = removed
    .filter(({ kind }) => kind === 'session')
    .map(({ id, reason }) => `${id} (${reason})`);
  core.log.info(
    `cleaned up ${(bytes / 1e6).toFixed(1)} MB; without cleanup.auto everything stays`,
    sessions.length === 0 ? {} : { sessions: sessions.join(', ') },
  );
}
