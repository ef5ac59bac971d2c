import { basename, dirname, relative, resolve } from 'node:path';
import type { ModelRef } from '../../core/contracts/model.js';
import type { Registry } from '../../core/contracts/registry.js';
import { ForgeError, nearest } from '../../core/errors/index.js';
import { isMissing, nodeFileSystem } from '../../storage/file-system.js';
import { storageError } from '../../storage/io-error.js';
import { isPath, knownNames, lookUpModel, type FoundModel } from './find-model.js';
import { unknownRecord } from './unknown-record.js';

/** Where a model is: in the registry, or in a folder. */
export type LocatedModel =
  | { readonly kind: 'registry'; readonly model: ModelRef }
  /** `folder`: absolute path. */
  | { readonly kind: 'folder'; readonly folder: string };

/** What is looked at to find a model; no registry where nothing was stored yet. */
export interface Places {
  readonly registry: () => Promise<Registry | null>;
  /** Absolute folders in which relative paths are looked up, in this order. */
  readonly folders: readonly string[];
}

/**
 * Find a model by the one way in which models are named everywhere. What is written as a path (`./champion`,
 * `out/champion`, absolute) is a folder, and nothing else. Any other word is a model of the registry (its id, its name,
 * `session:name`, `latest`), or else a folder of that name. A name that means both is refused; an id and `latest` are
 * never ambiguous.
 *
 * @throws ForgeError AF_REGISTRY_NOT_FOUND, AF_MODEL_NOT_FOUND with the nearest name; AF_MODEL_AMBIGUOUS
 */
export async function locateModel(reference: string, places: Places): Promise<LocatedModel> {
  const registry = isPath(reference) ? null : await places.registry();
  const found = registry === null ? null : await lookUpModel(registry, reference);
  const folder = await folderOf(reference, found, places.folders);
  if (found !== null && folder !== null) throw ambiguous(reference, found, folder);
  if (found !== null) return { kind: 'registry', model: found.model };
  if (folder !== null) return { kind: 'folder', folder };
  if (isPath(reference)) throw await missingFolder(reference, places.folders);
  const known = registry === null ? [] : await knownNames(registry, reference);
  throw unknownRecord('model', reference, known);
}

/** The folder that is meant: any folder by its path, but by a bare word only one that holds a model. */
async function folderOf(
  reference: string,
  found: FoundModel | null,
  folders: readonly string[],
): Promise<string | null> {
  if (found?.by === 'id' || found?.by === 'latest') return null;
  for (const start of folders) {
    const folder = resolve(start, reference);
    const names = await namesIn(folder);
    if (names !== null && (isPath(reference) || holdsModel(names))) return folder;
  }
  return null;
}

function holdsModel(names: readonly string[]): boolean {
  return names.some((name) => name === 'config.json' || name.endsWith('.safetensors'));
}

/** Null where there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[] | null> {
  try {
    return await nodeFileSystem.readdir(folder);
  } catch (error) {
    if (isMissing(error)) return null;
    throw storageError(error, 'look for the model', folder);
  }
}

function ambiguous(reference: string, { model }: FoundModel, folder: string): ForgeError {
  return new ForgeError('AF_MODEL_AMBIGUOUS', `"${reference}" is a model and a folder as well.`, {
    at: folder,
    fix: `Write ./${reference} for the folder, or ${model.id} for the model.`,
    facts: { reference, folder, model: model.id },
  });
}

async function missingFolder(reference: string, folders: readonly string[]): Promise<ForgeError> {
  const paths = [...new Set(folders.map((folder) => resolve(folder, reference)))];
  const suggestion = await nearestFolder(paths[0]!, folders[0]!);
  const hint = suggestion === undefined ? '' : `Did you mean ${suggestion}? `;
  return new ForgeError('AF_MODEL_NOT_FOUND', `There is no folder ${reference}.`, {
    at: paths.join(' or '),
    fix: `${hint}What is written with a slash is a folder; models of the registry go by their names: agentforge models.`,
    facts: { reference, suggestion: suggestion ?? null },
  });
}

/** Written as the reference was: relative to the folder it starts from. */
async function nearestFolder(path: string, start: string): Promise<string | undefined> {
  const parent = dirname(path);
  const name = nearest(basename(path), (await namesIn(parent)) ?? []);
  if (name === undefined) return undefined;
  const written = relative(start, resolve(parent, name));
  return written.startsWith('..') ? written : `./${written}`;
}
