import { join } from 'node:path';
import type { Environment } from '../../plugins/sinks/console/terminal/index.js';

/**
 * Where hashes of models are remembered: the user's cache folder (the XDG base directories, or Windows' local one).
 * @returns undefined where the environment names no such place
 */
export function hashCacheFile(env: Environment): string | undefined {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: windows, HOME: home } = env;
  const folder = [xdg, windows, home === undefined ? undefined : join(home, '.cache')].find(
    (each) => each !== undefined && each !== '',
  );
  return folder === undefined ? undefined : join(folder, 'agentforge', 'sha256.json');
}
