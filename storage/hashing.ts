import { createHash } from 'node:crypto';
import { nodeFileSystem, type FileSystem } from './file-system.js';
import { openRegularFile } from './regular-file.js';

/** Bytes read at a time. */
const CHUNK = 4 << 20;

/** sha256 of bytes or UTF-8 text, in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Length and sha256 of a file, read in chunks. */
export async function hashFile(
  path: string,
  files: FileSystem = nodeFileSystem,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of readChunks(path, files)) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** A file in chunks. Each chunk is overwritten by the next. */
export async function* readChunks(
  path: string,
  files: FileSystem = nodeFileSystem,
): AsyncGenerator<Uint8Array> {
  const handle = await openRegularFile(path, files);
  try {
    const { size } = await handle.stat();
    const buffer = new Uint8Array(Math.max(1, Math.min(CHUNK, size)));
    for (let position = 0; ;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, position);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
