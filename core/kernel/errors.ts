import { ForgeError, isForgeError } from '../errors/index.js';
import { messageOf } from '../errors/message-of.js';

/** A tap that failed, saying who and where; the original error is the cause. */
export function hookError(plugin: string, hook: string, cause: unknown): ForgeError {
  return new ForgeError('AF_PLUGIN_HOOK', `Plugin "${plugin}" failed in hook ${hook}: ${messageOf(cause)}`, {
    at: `plugin ${plugin}, hook ${hook}`,
    cause,
    fix: `Look at what the plugin "${plugin}" does in ${hook}, or take it out of the config.`,
    facts: { plugin, hook, ...(isForgeError(cause) ? { code: cause.code } : {}) },
  });
}
