import { basename, dirname, join, resolve, sep } from 'node:path';
import { ForgeError, type ErrorCode } from '../../../core/errors/index.js';
import { isMissing, systemCode, type FileSystem } from '../../../storage/file-system.js';
import { freeBytes } from '../../../storage/files-storage.js';
import { makeFolder, syncFolder } from '../../../storage/folders.js';
import { storageError } from '../../../storage/io-error.js';
import { namesIn, removeAbandoned, temporaryName } from '../../../storage/temporary.js';
import { together } from '../../../storage/together.js';

export interface OutputOptions {
  /** Absolute path of the folder that the result gets. */
  readonly folder: string;
  /** Replace a model that is there. */
  readonly force: boolean;
  /** Bytes that the result needs. */
  readonly bytes: number;
  /** Absolute folders that are read. */
  readonly inputs: readonly string[];
  /** Code of the error when the folder cannot be used; default AF_MERGE_OUTPUT. */
  readonly code?: ErrorCode;
  readonly files: FileSystem;
  /** Bytes that may still be written where a folder lies; default: ask the file system. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** What marks a folder as something that `--force` may replace. */
const MODEL_FILES = ['config.json', 'model.safetensors', 'model.safetensors.index.json'];

/**
 * Check that the result may be written.
 * @throws ForgeError AF_MERGE_OUTPUT (or `code`), AF_STORAGE_FULL
 */
export async function checkOutput(options: OutputOptions): Promise<void> {
  const { folder, bytes, files } = options;
  const place = await realPath(folder, files);
  await checkPlace(options, place);
  const free = await (options.freeBytes ?? ((path) => freeBytes(path, files)))(dirname(place));
  if (free >= bytes) return;
  throw new ForgeError(
    'AF_STORAGE_FULL',
    `The model needs ${gigabytes(bytes)}, and there are ${gigabytes(free)} free; nothing was written.`,
    {
      at: folder,
      fix: 'Free some space, name a folder on another disk, or choose a smaller dtype.',
      facts: { needed: bytes, free },
    },
  );
}

type Refuse = (message: string, fix: string) => ForgeError;

function refusal({ folder, code = 'AF_MERGE_OUTPUT' }: Pick<OutputOptions, 'folder' | 'code'>): Refuse {
  return (message, fix) => new ForgeError(code, message, { at: folder, fix });
}

async function checkPlace(options: OutputOptions, place: string): Promise<void> {
  const read = await together(options.inputs.map((input) => realPath(input, options.files)));
  if (read.some((input) => input === place || input.startsWith(place + sep)))
    throw refusal(options)('The output folder is one that is read from.', 'Name another folder.');
  await checkContent(options);
}

/** Whether what is in the place, if anything, may go. */
async function checkContent(
  options: Pick<OutputOptions, 'folder' | 'force' | 'code' | 'files'>,
): Promise<void> {
  const { folder, force, files } = options;
  const refuse = refusal(options);
  const names = await listFolder(folder, files, refuse);
  if (names.length === 0) return;
  if (!force) throw notEmpty(refuse);
  if (!names.some((name) => MODEL_FILES.includes(name)))
    throw refuse(
      'The output folder holds something else than a model: it is not replaced.',
      'Name another folder, or empty it yourself.',
    );
}

function notEmpty(refuse: Refuse): ForgeError {
  return refuse(
    'The output folder is not empty.',
    'Name a new folder, or replace the model that is there with --force.',
  );
}

async function listFolder(folder: string, files: FileSystem, refuse: Refuse): Promise<string[]> {
  try {
    if (!(await files.stat(folder)).isDirectory()) throw refuse('The output is a file.', 'Name a folder.');
  } catch (error) {
    if (isMissing(error)) return [];
    throw storageError(error, 'look at the output', folder);
  }
  return namesIn(folder, files);
}

async function realPath(path: string, files: FileSystem): Promise<string> {
  try {
    return await files.realpath(path);
  } catch (error) {
    if (isMissing(error)) return resolve(path);
    throw storageError(error, 'follow the path', path);
  }
}

/** The result while it is being made: a folder beside its place, under a temporary name. */
export class OutputFolder {
  private constructor(
    private readonly target: string,
    /** Where to write. */
    readonly path: string,
    private readonly files: FileSystem,
  ) {}

  /**
   * What earlier merges left half-made beside the place is removed first. A link to a folder stays a link: the place is
   * where it leads.
   */
  static async create(folder: string, files: FileSystem): Promise<OutputFolder> {
    const target = await realPath(folder, files);
    const parent = dirname(target);
    await makeFolder(parent, files);
    await removeAbandoned(parent, files).catch((error: unknown) => {
      throw storageError(error, 'look for leftovers', parent);
    });
    const path = join(parent, temporaryName());
    await makeFolder(path, files);
    return new OutputFolder(target, path, files);
  }

  /**
   * Give the folder its name. What was there is removed only once the new one stands. The place is looked at again: a
   * merge takes its time, and others write meanwhile.
   *
   * @param options as for {@link checkOutput}
   * @throws ForgeError AF_MERGE_OUTPUT (or `code`) when something is there now that may not be replaced
   */
  async commit(options: Pick<OutputOptions, 'force' | 'code'>): Promise<void> {
    const { target, path, files } = this;
    const parent = dirname(target);
    const place = { ...options, folder: target, files };
    await checkContent(place);
    try {
      await syncFolder(path, files);
      // An empty folder is replaced by the renaming itself, which refuses any other.
      const old = options.force ? await moveAway(target, files) : null;
      try {
        await files.rename(path, target);
      } catch (error) {
        if (old !== null) await files.rename(old, target);
        throw isOccupied(error) ? notEmpty(refusal(place)) : error;
      }
      await syncFolder(parent, files);
      if (old !== null) await files.rm(old, { recursive: true, force: true });
    } catch (error) {
      throw storageError(error, `put ${basename(target)} in place`, target);
    }
  }

  /** Remove everything; harmless after `commit`. What cannot be removed is known by its name, and goes before the next merge. */
  async discard(): Promise<void> {
    await this.files.rm(this.path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** @returns where the folder is now; null when there was none */
async function moveAway(target: string, files: FileSystem): Promise<string | null> {
  const old = join(dirname(target), temporaryName());
  try {
    await files.rename(target, old);
    return old;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function isOccupied(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '');
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
