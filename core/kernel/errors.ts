import { ForgeError, isForgeError } from '../../errors/index.js';

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return String(thrown.message);
  return String(thrown);
}

/** A tap that failed, saying who and where; the original error is the cause. */
export function hookError(plugin: string, hook: string, cause: unknown): ForgeError {
  return new ForgeError('AF_PLUGIN_HOOK', `Plugin "${plugin}" failed in hook ${hook}: ${messageOf(cause)}`, {
    at: `plugin ${plugin}, hook ${hook}`,
    cause,
    fix: `Look at what the plugin "${plugin}" does in ${hook}, or take it out of the config.`,
    facts: { plugin, hook, ...(isForgeError(cause) ? { code: cause.code } : {}) },
  });
}
