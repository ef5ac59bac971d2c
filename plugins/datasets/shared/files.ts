import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DatasetContext } from '../../../contracts/dataset.js';
import { ForgeError } from '../../../errors/index.js';
import { cachedDownload } from './download.js';
import type { FileChoice } from './options.js';

/** Which file a dataset wants. */
export interface FileRequest {
  readonly dataset: string;
  /** Folder below data.root; the dataset's usual one. */
  readonly folder: string;
  readonly file: string;
}

/** A text file as read. */
export interface TextFile {
  /** Name for messages: the path, or the address it was downloaded from. */
  readonly name: string;
  readonly text: string;
}

/**
 * Read a file of a dataset: the download where one is configured, else `path` (the file or its folder), else
 * `<data.root>/<folder>/<file>`.
 * @throws ForgeError AF_DATA_NOT_FOUND, AF_DATA_MALFORMED when it is not UTF-8, AF_DATA_DOWNLOAD, AF_DATA_CHECKSUM
 */
export async function readDataFile(
  request: FileRequest,
  choice: FileChoice,
  context: DatasetContext,
): Promise<TextFile> {
  if (choice.download !== undefined) {
    const path = await cachedDownload(choice.download, context);
    return { name: choice.download.url, text: decode(await readFile(path), choice.download.url) };
  }
  const path = await locate(request, choice, context);
  try {
    return { name: path, text: decode(await readFile(path), path) };
  } catch (cause) {
    if (cause instanceof ForgeError) throw cause;
    throw notFound(request, `${path} cannot be read: ${(cause as Error).message}`, path, cause);
  }
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

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ForgeError('AF_DATA_MALFORMED', `${name} is not UTF-8 text`, {
      at: name,
      fix: 'give a text file in UTF-8; compressed files must be unpacked first',
      cause,
    });
  }
}
