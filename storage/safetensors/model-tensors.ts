import { dirname, join } from 'node:path';
import { ForgeError } from '../../errors/index.js';
import type { HostArray, HostTensor } from '../../contracts/tensor.js';
import { isMissing, nodeFileSystem, type FileSystem } from '../file-system.js';
import { storageError } from '../io-error.js';
import { isObject } from '../is-object.js';
import { readText } from '../regular-file.js';
import type { SafetensorsEntry } from './header.js';
import { openSafetensors, type SafetensorsReader } from './reader.js';

/** The tensors of a model folder, in one file or in shards. */
export interface ModelTensors {
  readonly names: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** The file or files, in the order of the index. */
  readonly files: readonly string[];
  has(name: string): boolean;
  entry(name: string): SafetensorsEntry;
  /** The file that holds a tensor. */
  file(name: string): string;
  read(name: string): Promise<HostTensor>;
  readRaw(name: string): Promise<Uint8Array>;
  /** As {@link SafetensorsReader.readInto}. */
  readInto(name: string, target: HostArray, first?: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Open `model.safetensors`, or the shards named by `model.safetensors.index.json`, of a model folder. Each tensor
 * must lie where the index says; shards outside the folder are refused.
 *
 * @throws ForgeError AF_SAFETENSORS_FORMAT, AF_SAFETENSORS_NOT_FOUND
 */
export async function openModelTensors(
  folder: string,
  files: FileSystem = nodeFileSystem,
): Promise<ModelTensors> {
  const index = join(folder, 'model.safetensors.index.json');
  const text = await textOrNull(index, files);
  if (text === null) {
    const reader = await openSafetensors(join(folder, 'model.safetensors'), files);
    return collect([reader], new Map([...reader.entries.keys()].map((name) => [name, reader])), reader.file);
  }
  const weightMap = parseIndex(text, index);
  const readers = new Map<string, SafetensorsReader>();
  try {
    const owners = new Map<string, SafetensorsReader>();
    for (const [tensor, shard] of weightMap) {
      const reader = readers.get(shard) ?? (await openSafetensors(join(folder, shard), files));
      readers.set(shard, reader);
      if (!reader.entries.has(tensor))
        throw indexError(index, `the tensor ${JSON.stringify(tensor)} is not in ${shard}`);
      owners.set(tensor, reader);
    }
    return collect([...readers.values()], owners, index);
  } catch (error) {
    await closeAll([...readers.values()]);
    throw error;
  }
}

function collect(
  readers: readonly SafetensorsReader[],
  owners: ReadonlyMap<string, SafetensorsReader>,
  file: string,
): ModelTensors {
  const owner = (name: string): SafetensorsReader => {
    const reader = owners.get(name);
    if (reader) return reader;
    throw new ForgeError(
      'AF_SAFETENSORS_NOT_FOUND',
      `There is no tensor ${JSON.stringify(name)} in the model.`,
      {
        at: dirname(file),
        facts: { tensor: name },
      },
    );
  };
  return {
    names: [...owners.keys()],
    metadata: Object.assign({}, ...readers.map(({ metadata }) => metadata)) as Record<string, string>,
    files: readers.map((reader) => reader.file),
    has: (name) => owners.has(name),
    entry: (name) => owner(name).entries.get(name)!,
    file: (name) => owner(name).file,
    read: async (name) => owner(name).read(name),
    readRaw: async (name) => owner(name).readRaw(name),
    readInto: async (name, target, first) => owner(name).readInto(name, target, first),
    close: () => closeAll(readers),
  };
}

/** Also when one of them cannot be closed; files that were only read have nothing to lose. */
async function closeAll(readers: readonly SafetensorsReader[]): Promise<void> {
  await Promise.allSettled(readers.map((reader) => reader.close()));
}

function parseIndex(text: string, file: string): Map<string, string> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw indexError(file, 'it is not JSON');
  }
  const map = isObject(document) ? document['weight_map'] : null;
  if (!isObject(map)) throw indexError(file, 'it has no weight_map');
  const entries = Object.entries(map);
  for (const [tensor, shard] of entries) {
    if (typeof shard !== 'string' || !/^[\w.-]+\.safetensors$/.test(shard)) {
      throw indexError(
        file,
        `the tensor ${JSON.stringify(tensor)} lies in ${JSON.stringify(shard)}, which is not a file name beside the index`,
      );
    }
  }
  return new Map(entries as [string, string][]);
}

function indexError(file: string, reason: string): ForgeError {
  return new ForgeError('AF_SAFETENSORS_FORMAT', `Not a valid index of shards: ${reason}.`, {
    at: file,
    fix: 'Get the file again from where it came from.',
  });
}

async function textOrNull(path: string, files: FileSystem): Promise<string | null> {
  try {
    return await readText(path, files);
  } catch (error) {
    if (isMissing(error)) return null;
    throw storageError(error, 'read the index of shards', path);
  }
}
