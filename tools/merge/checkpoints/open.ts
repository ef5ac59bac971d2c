import { dirname, join, resolve } from 'node:path';
import { ForgeError, type Problem } from '../../../core/errors/index.js';
import { isMissing, nodeFileSystem, type FileSystem } from '../../../storage/file-system.js';
import { openModelTensors, type ModelTensors } from '../../../storage/safetensors/index.js';
import { storageError } from '../../../storage/io-error.js';
import { readText } from '../../../storage/regular-file.js';
import { namesIn } from '../../../storage/temporary.js';
import { PACKED } from '../../../storage/packed/index.js';
import { lookAt, type SeenFile } from './file-identity.js';
import { layerCounts } from './names.js';
import { appliedProblem } from './quantised.js';

/** The content of a `config.json`. */
export type ModelConfigFile = Readonly<Record<string, unknown>>;

/** A checkpoint in Hugging Face layout, opened: headers are read, weights are not. */
export interface Checkpoint {
  /** As the recipe writes it. */
  readonly reference: string;
  /** Absolute path. */
  readonly folder: string;
  readonly tensors: ModelTensors;
  /** The files of the tensors as they were when they were opened. */
  readonly seen: readonly SeenFile[];
  /** Null when the folder has no config.json. */
  readonly config: ModelConfigFile | null;
  /** The text of config.json. */
  readonly configText: string | null;
  /** Layers of every stack of layers. */
  readonly layers: ReadonlyMap<string, number>;
}

export interface OpenOptions {
  /** Folders in which relative references are looked up, in this order. */
  readonly folders: readonly string[];
  /** Folders of models by reference: results of earlier merges. */
  readonly known?: ReadonlyMap<string, string>;
  /** Finds models that are no folders by what a recipe calls them; see {@link LocateModel}. */
  readonly locate?: LocateModel;
  readonly files?: FileSystem;
}

/**
 * Finds a model that a recipe names otherwise than by its path.
 * @returns the folder that holds it, null when the reference is to be taken as a path, or what is wrong with it
 */
export type LocateModel = (reference: string) => Promise<string | null | Problem>;

/**
 * Open a checkpoint.
 * @returns what is wrong instead, when it cannot be opened
 */
export async function openCheckpoint(reference: string, options: OpenOptions): Promise<Checkpoint | Problem> {
  const files = options.files ?? nodeFileSystem;
  try {
    const located = options.known?.get(reference) ?? (await options.locate?.(reference)) ?? null;
    if (typeof located === 'object' && located !== null) return located;
    const folder = located ?? (await findFolder(reference, options.folders, files));
    return folder === null
      ? missingFolder(reference, options.folders)
      : await openFolder(reference, folder, files);
  } catch (error) {
    const { at, message, fix } = storageError(error, 'read the model', reference);
    return { at: reference, source: at, message: message.replace(/\.$/, ''), fix };
  }
}

async function openFolder(
  reference: string,
  folder: string,
  files: FileSystem,
): Promise<Checkpoint | Problem> {
  const names = await namesIn(folder, files);
  const path = join(folder, 'config.json');
  const configText = names.includes('config.json') ? await textOf(path, files) : null;
  const config = configText === null ? null : parseConfig(configText, path);
  const wrong =
    appliedProblem(reference, folder, config, names.includes(PACKED)) ??
    wrongLayout(reference, folder, names);
  if (wrong !== null) return wrong;
  const tensors = await openModelTensors(folder, files);
  try {
    const seen = await lookAt(tensors.files, files);
    return { reference, folder, tensors, seen, config, configText, layers: layerCounts(tensors.names) };
  } catch (error) {
    await tensors.close();
    throw error;
  }
}

async function textOf(path: string, files: FileSystem): Promise<string> {
  try {
    return await readText(path, files);
  } catch (error) {
    throw storageError(error, 'read the file', path);
  }
}

/** Whether opening worked. */
export function isCheckpoint(opened: Checkpoint | Problem): opened is Checkpoint {
  return 'tensors' in opened;
}

async function findFolder(
  reference: string,
  folders: readonly string[],
  files: FileSystem,
): Promise<string | null> {
  for (const folder of folders) {
    const path = resolve(folder, reference);
    try {
      if ((await files.stat(path)).isDirectory()) return path;
    } catch (error) {
      if (!isMissing(error)) throw storageError(error, 'open the model', path);
    }
  }
  return null;
}

function missingFolder(reference: string, folders: readonly string[]): Problem {
  const hub = /^[\w.-]+\/[\w.-]+$/.test(reference) && !reference.startsWith('.');
  return {
    at: reference,
    message: 'there is no such folder',
    expected: 'a folder with config.json and model.safetensors, or shards and their index',
    found: `nothing in ${[...new Set(folders)].join(' or ')}`,
    fix: hub
      ? `Nothing is downloaded: get ${reference} from where it is published, and name its folder.`
      : 'Check the path; it starts from the working directory, or from the folder of the recipe.',
  };
}

function wrongLayout(reference: string, folder: string, names: readonly string[]): Problem | null {
  if (names.includes('model.safetensors') || names.includes('model.safetensors.index.json')) return null;
  const problem = {
    at: reference,
    source: folder,
    expected: 'model.safetensors, or shards with model.safetensors.index.json',
  };
  if (names.some((name) => /^(pytorch_model.*|consolidated.*)\.(bin|pth?)$/.test(name)))
    return {
      ...problem,
      message: 'the weights are pickled, and reading those could run code',
      fix: 'Convert the model to safetensors first.',
    };
  const shards = names.filter((name) => name.endsWith('.safetensors'));
  const found = shards.length > 0 ? shards.slice(0, 5).join(', ') : 'no safetensors file';
  return { ...problem, message: 'the folder holds no model', found };
}

function parseConfig(text: string, path: string): ModelConfigFile {
  const value: unknown = parseJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as ModelConfigFile;
  throw new ForgeError('AF_MERGE_CHECKPOINTS', 'config.json is not a JSON object.', {
    at: path,
    fix: `Get ${dirname(path)} again from where it came from.`,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
