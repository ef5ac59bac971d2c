import { ToolStop } from '../shared/outcome.js';

const LONGEST = 200;

/**
 * The one way to write a path: segments parted by single slashes, in Unicode's composed form, without `.`.
 *
 * @throws ToolStop `forbidden` for what would leave the files (`..`, absolute paths, drives, schemes, home folders,
 * backslashes, control characters), `syntax` for no path, `limit` for a long one
 */
export function normalisePath(written: string): string {
  const path = written.trim().normalize('NFC');
  if (path.length > LONGEST) throw new ToolStop('limit', `a path of more than ${LONGEST} characters`);
  if (/[\p{Cc}\p{Cf}\\:]/u.test(path)) throw new ToolStop('forbidden', 'a path with characters of no file');
  if (/^[/~]/.test(path)) throw new ToolStop('forbidden', 'paths begin in the folder of the files');
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) throw new ToolStop('forbidden', 'a path that leaves the folder of the files');
  if (segments.length === 0) throw new ToolStop('syntax', 'no path');
  return segments.join('/');
}
