import { ForgeError, isForgeError } from '../core/errors/index.js';
import { systemCode } from './file-system.js';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * What a failed file operation means to the user. A {@link ForgeError} passes through unchanged.
 *
 * @param cause what the operation threw
 * @param action what was being done, for example `write the checkpoint`
 * @param path the file or folder it was done to
 */
export function storageError(cause: unknown, action: string, path: string): ForgeError {
  if (isForgeError(cause)) return cause;
  const code = systemCode(cause);
  const facts = { systemCode: code };
  if (code !== null && FULL.has(code)) {
    return new ForgeError('AF_STORAGE_FULL', `No space left to ${action}; nothing was changed.`, {
      at: path,
      fix: 'Free some space (agentforge clean lists what may go) and do it again; a run goes on with `agentforge run --resume`.',
      cause,
      facts,
    });
  }
  if (code !== null && DENIED.has(code)) {
    return new ForgeError('AF_STORAGE_DENIED', `Not allowed to ${action} (${code}).`, {
      at: path,
      fix: 'Give this user write access to the folder, or set storage.root to another one.',
      cause,
      facts,
    });
  }
  return new ForgeError('AF_STORAGE_IO', `Could not ${action}: ${text(cause)}.`, { at: path, cause, facts });
}

function text(cause: unknown): string {
  if (typeof cause === 'object' && cause !== null && 'message' in cause) return String(cause.message);
  return String(cause);
}
