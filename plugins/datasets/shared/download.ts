import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetContext } from '../../../core/contracts/dataset.js';
import { ForgeError } from '../../../core/errors/index.js';
import type { Download } from './options.js';

const MEGABYTE = 1e6;
const PROGRESS_PARTS = 4;

/**
 * Path of the downloaded file in the cache, by its hash. What is there is checked again and used; otherwise it is
 * fetched into a folder of its own and moved into place only when it is whole and right.
 * @throws ForgeError AF_DATA_DOWNLOAD, AF_DATA_CHECKSUM
 */
export async function cachedDownload(download: Download, context: DatasetContext): Promise<string> {
  const sha256 = download.sha256.toLowerCase();
  const target = join(context.cache, sha256);
  const cached = await hashOfFile(target);
  if (cached === sha256) return target;
  if (cached !== null)
    context.log.warn(`the cached copy of ${download.url} is damaged and is fetched again`, { file: target });
  await mkdir(context.cache, { recursive: true });
  const folder = await mkdtemp(join(context.cache, 'partial-'));
  try {
    const file = join(folder, 'download');
    const found = await fetchTo(file, download.url, context);
    if (found !== sha256) throw wrongChecksum(download.url, sha256, found);
    await rename(file, target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function hashOfFile(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    return hash.digest('hex');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Fetch into a file; gives the SHA-256 of what came. */
async function fetchTo(path: string, url: string, context: DatasetContext): Promise<string> {
  const file = await open(path, 'wx');
  try {
    const response = await fetch(url);
    if (!response.ok || response.body === null)
      throw new Error(`the server answered ${response.status} ${response.statusText}`);
    const hash = await receive(response, file, url, context);
    await file.sync();
    return hash;
  } catch (cause) {
    throw failedDownload(url, cause);
  } finally {
    await file.close();
  }
}

async function receive(
  response: Response,
  file: FileHandle,
  url: string,
  context: DatasetContext,
): Promise<string> {
  const total = Number(response.headers.get('content-length') ?? Number.NaN);
  context.log.info(`downloading ${url}${Number.isNaN(total) ? '' : ` (${megabytes(total)})`}`);
  const hash = createHash('sha256');
  let received = 0;
  let reported = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    await file.writeFile(chunk);
    received += chunk.length;
    const part = Math.floor((received / total) * PROGRESS_PARTS);
    if (part > reported && part < PROGRESS_PARTS) {
      reported = part;
      context.log.info(`downloaded ${megabytes(received)} of ${megabytes(total)}`);
    }
  }
  context.log.info(`downloaded ${megabytes(received)} from ${url}`);
  return hash.digest('hex');
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

function failedDownload(url: string, cause: unknown): ForgeError {
  const reason =
    cause instanceof Error
      ? cause.cause instanceof Error
        ? `${cause.message}: ${cause.cause.message}`
        : cause.message
      : String(cause);
  return new ForgeError('AF_DATA_DOWNLOAD', `${url} could not be downloaded: ${reason}`, {
    at: url,
    fix: 'check the address and the network, or fetch the file yourself and give its path',
    cause,
  });
}

function wrongChecksum(url: string, expected: string, found: string): ForgeError {
  return new ForgeError('AF_DATA_CHECKSUM', `${url} has the SHA-256 ${found}, expected ${expected}`, {
    at: url,
    fix: 'the file changed or the download is damaged: check the source, and give the new hash if you trust it',
    facts: { url, expected, found },
  });
}
