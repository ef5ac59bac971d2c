import { ForgeError } from '../core/errors/index.js';

const SAFE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/;

/** Whether a name can be a file name anywhere: letters, digits, `_`, `.` and `-`, not beginning with a dot. */
export function isSafeName(name: string): boolean {
  return SAFE.test(name) && !name.endsWith('.');
}

/** The name itself when it is safe. @param what for the message @throws ForgeError AF_STORAGE_NAME */
export function checkFileName(name: string, what: string): string {
  if (isSafeName(name)) return name;
  throw new ForgeError('AF_STORAGE_NAME', `${JSON.stringify(name)} cannot be the name of ${what}.`, {
    fix: 'Use letters, digits, "_", "-" and ".", beginning with a letter or digit.',
  });
}
