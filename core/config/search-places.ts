import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const CONFIG_EXTENSIONS = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'] as const;

/** Where a config may stand, in the order of the search. */
export const SEARCH_PLACES: readonly string[] = [
  ...CONFIG_EXTENSIONS.map((extension) => `agentforge.config.${extension}`),
  'package.json',
  '.agentforgerc',
  ...['json', 'yaml', 'yml', 'ts', 'js', 'mjs', 'cjs'].map((extension) => `.agentforgerc.${extension}`),
];

/** Whether the search would find a config from a folder upwards, told without opening one. */
export function hasConfig(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const there = SEARCH_PLACES.filter((place) => isThere(join(at, place)));
    if (there.some((place) => place !== 'package.json')) return true;
    if (there.length > 0) return hasMember(join(at, 'package.json'));
    if (dirname(at) === at) return false;
  }
}

function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    return false;
  }
}

function hasMember(manifest: string): boolean {
  try {
    return Object.hasOwn(JSON.parse(readFileSync(manifest, 'utf8')) as object, 'agentforge');
  } catch {
    return false;
  }
}
