import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DatasetContext } from '../../../core/contracts/dataset.js';
import { ForgeError } from '../../../core/errors/index.js';
import { decodeUtf8 } from './decode.js';
import { cachedDownload } from './download.js';
import type { FileChoice } from './options.js';

/** Which file a dataset wants. */
export interface FileRequest {
  readonly dataset: string;
  /** Folder below data.root; the dataset's usual one. */
  readonly folder: string;
  readonly file: string;
}

/** A text file that is read in pieces, as often as wanted: no size of file is too large. */
export interface DataFile {
  /** Name for messages: the path, or the address it was downloaded from. */
  readonly name: string;
  /** @throws ForgeError AF_DATA_MALFORMED when it is not UTF-8, AF_DATA_NOT_FOUND when it cannot be read */
  pieces(): AsyncIterable<string>;
}

/** Bytes of a piece. */
const PIECE = 1 << 20;

/**
 * Find a file of a dataset: the download where one is configured, else `path` (the file or its folder), else
 * `<data.root>/<folder>/<file>`.
 * @throws ForgeError AF_DATA_NOT_FOUND, AF_DATA_DOWNLOAD, AF_DATA_CHECKSUM
 */
export async function openDataFile(
  request: FileRequest,
  choice: FileChoice,
  context: DatasetContext,
): Promise<DataFile> {
  if (choice.download !== undefined) {
    const path = await cachedDownload(choice.download, context);
    return fileAt(path, choice.download.url, request);
  }
  const path = await locate(request, choice, context);
  try {
    // Reading a pipe would wait for whoever writes to it.
    if (!(await stat(path)).isFile()) throw new Error('it is not a regular file');
  } catch (cause) {
    throw unreadable(request, path, cause);
  }
  return fileAt(path, path, request);
}

function fileAt(path: string, name: string, request: FileRequest): DataFile {
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* createReadStream(path, { highWaterMark: PIECE }) as AsyncIterable<Uint8Array>;
    } catch (cause) {
      throw unreadable(request, path, cause);
    }
  };
  return { name, pieces: () => decodeUtf8(bytes(), name) };
}

function unreadable(request: FileRequest, path: string, cause: unknown): ForgeError {
  return notFound(request, `${path} cannot be read: ${(cause as Error).message}`, path, cause);
}

async function locate(request: FileRequest, choice: FileChoice, context: DatasetContext): Promise<string> {
  if (choice.path !== undefined) {
    const path = resolve(choice.path);
    const isFolder = (await stat(path).catch(() => null))?.isDirectory() ?? false;
    return isFolder ? join(path, request.file) : path;
  }
  if (context.root === null) throw notFound(request, 'no data folder is set', null);
  return resolve(context.root, request.folder, request.file);
}

function notFound(request: FileRequest, message: string, path: string | null, cause?: unknown): ForgeError {
  const wanted = `${request.folder}/${request.file}`;
  return new ForgeError('AF_DATA_NOT_FOUND', `dataset ${request.dataset}: ${message}`, {
    at: path ?? request.dataset,
    fix:
      `set data.root in the config (or AGENTFORGE_DATA) to a folder that holds ${wanted}, ` +
      `or give ${request.dataset} a path, or a download with url and sha256`,
    cause,
  });
}
