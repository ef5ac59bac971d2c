import { dirname, join } from 'node:path';
import { ForgeError } from '../../core/errors/index.js';
import type { HostArray, HostTensor } from '../../core/contracts/tensor.js';
import { isMissing, nodeFileSystem, type FileSystem } from '../file-system.js';
import { storageError } from '../io-error.js';
import { isObject } from '../is-object.js';
import { readText } from '../regular-file.js';
import { namesIn } from '../temporary.js';
import type { SafetensorsEntry } from './header.js';
import { openSafetensors, type SafetensorsReader } from './reader.js';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

/** The tensors of a model folder, in one file or in shards. */
export interface ModelTensors {
  readonly names: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** The file or files, in the order of the index. */
  readonly files: readonly string[];
  /** What lies in the folder beside these tensors and could be taken for a part of the model. */
  readonly warnings: readonly string[];
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
 * Open `model.safetensors`, or the shards named by `model.safetensors.index.json`, of a model folder; the index counts
 * where both are there. Each tensor must lie where the index says, and the index must name every tensor of its shards:
 * what it leaves out would be missing in whatever is made of the model. Shards outside the folder are refused.
 *
 * @throws ForgeError AF_SAFETENSORS_FORMAT
 */
export async function openModelTensors(
  folder: string,
  files: FileSystem = nodeFileSystem,
): Promise<ModelTensors> {
  const index = join(folder, INDEX);
  const text = await textOrNull(index, files);
  const names = await namesIn(folder, files);
  if (text === null) {
    const reader = await openSafetensors(join(folder, SINGLE), files);
    const owners = new Map([...reader.entries.keys()].map((name) => [name, reader]));
    return collect([reader], owners, reader.file, besideSingle(names));
  }
  const weightMap = parseIndex(text, index);
  checkShards([...new Set(weightMap.values())], names, index);
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
    checkComplete(readers, owners, names, index);
    const warnings = [...besideIndex(readers, names), ...copies(readers, owners)];
    return collect([...readers.values()], owners, index, warnings);
  } catch (error) {
    await closeAll([...readers.values()]);
    throw error;
  }
}

function collect(
  readers: readonly SafetensorsReader[],
  owners: ReadonlyMap<string, SafetensorsReader>,
  file: string,
  warnings: readonly string[],
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
    warnings,
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

function checkShards(shards: readonly string[], names: readonly string[], index: string): void {
  const missing = shards.filter((shard) => !names.includes(shard)).sort();
  if (missing.length === 0) return;
  const are = missing.length === 1 ? 'is' : 'are';
  throw indexError(index, `of its ${shards.length} shards ${listOf(missing)} ${are} not there`);
}

/** Tensors and shards that the index should name and does not. */
function checkComplete(
  readers: ReadonlyMap<string, SafetensorsReader>,
  owners: ReadonlyMap<string, SafetensorsReader>,
  names: readonly string[],
  index: string,
): void {
  for (const [shard, { entries }] of readers) {
    const unnamed = [...entries.keys()].filter((tensor) => !owners.has(tensor));
    if (unnamed.length > 0) throw indexError(index, `it leaves out ${listOf(unnamed)}, which ${shard} holds`);
  }
  const totals = new Set([...readers.keys()].map(totalOf));
  const forgotten = names.filter(
    (name) => !readers.has(name) && totalOf(name) !== null && totals.has(totalOf(name)),
  );
  if (forgotten.length > 0) throw indexError(index, `it leaves out the shard ${listOf(forgotten)}`);
}

/** Files beside an index that look like weights of the same model. */
function besideIndex(readers: ReadonlyMap<string, SafetensorsReader>, names: readonly string[]): string[] {
  const others = names.filter((name) => !readers.has(name) && (name === SINGLE || totalOf(name) !== null));
  if (others.length === 0) return [];
  return [`it has ${INDEX} and also ${listOf(others)}: what the index names is used, the rest is left out.`];
}

function besideSingle(names: readonly string[]): string[] {
  const shards = names.filter((name) => totalOf(name) !== null);
  if (shards.length === 0) return [];
  return [
    `it has ${SINGLE} and also ${listOf(shards)} without an index: ${SINGLE} is used, the rest is left out.`,
  ];
}

/** Tensors that lie in a second shard too; the index says which one counts. */
function copies(
  readers: ReadonlyMap<string, SafetensorsReader>,
  owners: ReadonlyMap<string, SafetensorsReader>,
): string[] {
  const twice = [...readers.values()].flatMap((reader) =>
    [...reader.entries.keys()].filter((tensor) => owners.get(tensor) !== reader),
  );
  if (twice.length === 0) return [];
  return [
    `${listOf(twice)} ${twice.length === 1 ? 'lies' : 'lie'} in more than one shard: the one that ${INDEX} names is used.`,
  ];
}

/** What `model-00001-of-00003.safetensors` says after `of`; null for a file that is no shard by its name. */
function totalOf(name: string): string | null {
  return /^model-\d+-of-(\d+)\.safetensors$/.exec(name)?.[1] ?? null;
}

/** The first few names, and how many more there are. */
function listOf(names: readonly string[]): string {
  const shown = names
    .slice(0, 3)
    .map((name) => JSON.stringify(name))
    .join(', ');
  return names.length <= 3 ? shown : `${shown} and ${names.length - 3} more`;
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
