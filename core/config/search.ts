import { ForgeError, isForgeError } from '../../errors/index.js';
import { messageOf } from '../kernel/errors.js';

const EXTENSIONS = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'];

/** Where a config may stand, in the order of the search. */
export const SEARCH_PLACES: readonly string[] = [
  ...EXTENSIONS.map((extension) => `agentforge.config.${extension}`),
  'package.json',
  '.agentforgerc',
  ...['json', 'yaml', 'yml', 'ts', 'js', 'mjs', 'cjs'].map((extension) => `.agentforgerc.${extension}`),
];

export interface FoundConfig {
  readonly file: string;
  readonly content: unknown;
}

/**
 * Look for a config in a folder and in the folders above it, up to the project's root (the one with a package.json).
 * @param load reads a file found
 */
export async function searchConfig(
  folder: string,
  load: (file: string) => Promise<unknown>,
): Promise<FoundConfig | null> {
  const { cosmiconfig } = await import('cosmiconfig');
  const loader = async (file: string): Promise<FoundConfig | null> => {
    const content = await load(file);
    // A package.json need not have a config in it; any other file is one, whatever it holds.
    return content === undefined && file.endsWith('package.json') ? null : { file, content };
  };
  const extensions = ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.yaml', '.yml'];
  const explorer = cosmiconfig('agentforge', {
    searchPlaces: [...SEARCH_PLACES],
    loaders: { ...Object.fromEntries(extensions.map((extension) => [extension, loader])), noExt: loader },
    packageProp: [],
    searchStrategy: 'project',
    cache: false,
  });
  try {
    const found = await explorer.search(folder);
    return found === null ? null : (found.config as FoundConfig);
  } catch (cause) {
    if (isForgeError(cause)) throw cause;
    throw new ForgeError('AF_CONFIG_LOAD', `Looking for a config in ${folder} failed: ${messageOf(cause)}`, {
      at: folder,
      cause,
      fix: 'Check that the folder can be read, or name the file with --config.',
    });
  }
}
