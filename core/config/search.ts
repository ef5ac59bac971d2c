import { statSync, type Stats } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ForgeError, isForgeError } from '../errors/index.js';
import { checkRegular } from '../../storage/regular-file.js';
import { messageOf } from '../errors/message-of.js';
import { CONFIG_EXTENSIONS, SEARCH_PLACES } from './search-places.js';

export interface FoundConfig {
  readonly file: string;
  readonly content: unknown;
}

type Loader = (file: string) => Promise<FoundConfig | null>;

/** The part of cosmiconfig that searches, as it is at the version that package.json pins. */
interface ExplorerModule {
  readonly Explorer: new (settings: object) => {
    search(folder: string): Promise<{ readonly config: FoundConfig } | null>;
  };
}

/**
 * Look for a config in a folder and in the folders above it, up to the project's root (the one with a package.json).
 * A package.json that cannot be read may have no config in it: that is judged only when there is no other file.
 *
 * @param load reads a file found
 * @throws ForgeError AF_CONFIG_LOAD, AF_STORAGE_NOT_A_FILE
 */
export async function searchConfig(
  folder: string,
  load: (file: string) => Promise<unknown>,
): Promise<FoundConfig | null> {
  let broken: unknown;
  const loader: Loader = async (file) => {
    if (!file.endsWith('package.json')) return { file, content: await load(file) };
    try {
      const content = await load(file);
      return content === undefined ? null : { file, content };
    } catch (error) {
      broken ??= error;
      return null;
    }
  };
  if (!checkPlaces(folder)) return null;
  try {
    const found = await openExplorer(loader).search(folder);
    if (found !== null) return found.config;
  } catch (cause) {
    if (isForgeError(cause)) throw cause;
    throw new ForgeError('AF_CONFIG_LOAD', `Looking for a config in ${folder} failed: ${messageOf(cause)}`, {
      at: folder,
      cause,
      fix: 'Check that the folder can be read, or name the file with --config.',
    });
  }
  if (broken !== undefined) throw broken as Error;
  return null;
}

/**
 * The search reads whatever lies at its places, and reading a named pipe would wait for ever: they are looked at first.
 * @returns whether there is anything to search
 */
function checkPlaces(folder: string): boolean {
  let any = false;
  for (let at = folder; ; at = dirname(at)) {
    const found = SEARCH_PLACES.map((place) => statusOf(join(at, place)));
    any ||= found.some((status) => status !== null);
    for (const [index, status] of found.entries()) {
      if (status === null || status === 'unknown' || status.isDirectory()) continue;
      checkRegular(join(at, SEARCH_PLACES[index]!), status);
      if (SEARCH_PLACES[index] !== 'package.json') return true;
    }
    if (found[SEARCH_PLACES.indexOf('package.json')] !== null || dirname(at) === at) return any;
  }
}

/** Null where there is nothing; unknown where it cannot be told, as in a folder that may not be entered. */
function statusOf(file: string): Stats | 'unknown' | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? null;
  } catch {
    return 'unknown';
  }
}

/**
 * cosmiconfig's own entry first looks for a configuration of cosmiconfig itself in the working folder
 * (`.config/config.cjs` among others), executes it and lets it replace what is looked for: this leaves that out.
 */
function openExplorer(loader: Loader): InstanceType<ExplorerModule['Explorer']> {
  const { Explorer } = createRequire(import.meta.url)('cosmiconfig/dist/Explorer.js') as ExplorerModule;
  const extensions = [...CONFIG_EXTENSIONS.map((extension) => `.${extension}`), 'noExt'];
  return new Explorer({
    moduleName: 'agentforge',
    searchPlaces: SEARCH_PLACES,
    loaders: Object.fromEntries(extensions.map((extension) => [extension, loader])),
    packageProp: [],
    ignoreEmptySearchPlaces: true,
    searchStrategy: 'project',
    cache: false,
    metaConfigFilePath: null,
    transform: (found: unknown) => found,
  });
}
