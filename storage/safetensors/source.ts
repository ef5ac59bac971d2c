import type { FileHandle } from 'node:fs/promises';
import { nodeFileSystem, type FileSystem } from '../file-system.js';
import { storageError } from '../io-error.js';
import { openRegularFile } from '../regular-file.js';

/** Bytes that can be read from any position. */
export interface ByteSource {
  readonly bytes: number;
  /** Fill `target` from `position`; gives fewer bytes only at the end. */
  read(target: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** A file as a source. @throws ForgeError AF_STORAGE_DENIED, AF_STORAGE_IO */
export async function fileSource(path: string, files: FileSystem = nodeFileSystem): Promise<ByteSource> {
  try {
    const handle = await openRegularFile(path, files);
    return {
      bytes: await sizeOf(handle),
      async read(target, position) {
        let done = 0;
        try {
          while (done < target.byteLength) {
            const length = Math.min(target.byteLength - done, 1 << 30);
            const { bytesRead } = await handle.read(target, done, length, position + done);
            if (bytesRead === 0) break;
            done += bytesRead;
          }
        } catch (cause) {
          throw storageError(cause, 'read the file', path);
        }
        return done;
      },
      close: () => handle.close(),
    };
  } catch (cause) {
    throw storageError(cause, 'open the file', path);
  }
}

async function sizeOf(handle: FileHandle): Promise<number> {
  try {
    return (await handle.stat()).size;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Bytes in memory as a source. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    bytes: bytes.byteLength,
    read(target, position) {
      const part = bytes.subarray(position, position + target.byteLength);
      target.set(part);
      return Promise.resolve(part.byteLength);
    },
    close: () => Promise.resolve(),
  };
}
