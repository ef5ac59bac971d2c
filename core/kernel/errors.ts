import { ForgeError, isForgeError } from '../../errors/index.js';

/** The message of anything that was thrown, errors or not: null, a string, an object that cannot be made into one. */
export function messageOf(thrown: unknown): string {
  try {
    const message =
      typeof thrown === 'object' && thrown !== null && 'message' in thrown ? thrown.message : thrown;
    const text = String(message);
    return text === '' && thrown instanceof Error ? thrown.name : text;
  } catch {
    return 'something that has no text was thrown';
  }
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
