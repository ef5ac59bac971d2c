import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from './folders.js';
import { nodeFileSystem, type FileSystem } from './file-system.js';
import { storageError } from './io-error.js';
import { temporaryName } from './temporary.js';

/** Most bytes handed to one write call: Linux itself stops a little below 2 GiB. */
const WRITE_LIMIT = 1 << 30;

/** Bytes after which the disk is asked to write down what it has, so that the end of a large file need not wait for all. */
const FLUSH_BYTES = 64 << 20;

/**
 * A file being written under a temporary name; `commit` gives it its real one. Unlike a plain write it never
 * takes a short write for success, which is how a disk that is nearly full truncates files.
 */
export class PendingFile {
  private open = true;
  private unflushed = 0;
  private flushing: Promise<void> | null = null;

  private constructor(
    readonly temporaryPath: string,
    private readonly label: string,
    private readonly handle: FileHandle,
    private readonly files: FileSystem,
  ) {}

  /**
   * @param folder where the temporary file lies; on the same file system as the final place
   * @param label what error messages call the file
   */
  static async create(
    folder: string,
    label: string,
    files: FileSystem = nodeFileSystem,
  ): Promise<PendingFile> {
    const path = join(folder, temporaryName());
    try {
      return new PendingFile(path, label, await files.open(path, 'wx+'), files);
    } catch (cause) {
      throw storageError(cause, 'create the file', label);
    }
  }

  /** Write all of `bytes` at `position`. @throws ForgeError AF_STORAGE_FULL, AF_STORAGE_DENIED */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      let done = 0;
      while (done < bytes.byteLength) {
        const length = Math.min(bytes.byteLength - done, WRITE_LIMIT);
        const { bytesWritten } = await this.handle.write(bytes, done, length, position + done);
        if (bytesWritten === 0)
          throw Object.assign(new Error('nothing could be written'), { code: 'ENOSPC' });
        done += bytesWritten;
      }
      this.flush(bytes.byteLength);
    } catch (cause) {
      throw storageError(cause, `write ${bytes.byteLength} bytes`, this.label);
    }
  }

  /** Read back what was written. */
  async read(target: Uint8Array, position: number): Promise<number> {
    try {
      return (await this.handle.read(target, 0, target.byteLength, position)).bytesRead;
    } catch (cause) {
      throw storageError(cause, 'read back the file', this.label);
    }
  }

  /**
   * One at a time, beside the next writes. What fails is told when the file is closed, from here: a system tells it once,
   * and the next flush of the same file succeeds as if nothing had been lost.
   */
  private flush(written: number): void {
    this.unflushed += written;
    if (this.unflushed < FLUSH_BYTES || this.flushing !== null) return;
    this.unflushed = 0;
    this.flushing = this.handle.datasync().then(() => void (this.flushing = null));
    this.flushing.catch(() => undefined);
  }

  /** Make the content durable and close, still under the temporary name. */
  async close(): Promise<void> {
    try {
      await this.flushing;
      await this.handle.sync();
      this.open = false;
      await this.handle.close();
    } catch (cause) {
      throw storageError(cause, 'finish the file', this.label);
    }
  }

  /** Make the file durable under `path`, replacing what is there in one step. */
  async commit(path: string): Promise<void> {
    if (this.open) await this.close();
    try {
      await this.files.rename(this.temporaryPath, path);
      await syncFolder(dirname(path), this.files);
    } catch (cause) {
      throw storageError(cause, 'put the file in place', path);
    }
  }

  /** Close and remove; harmless after `commit`. */
  async abort(): Promise<void> {
    if (this.open) {
      this.open = false;
      await Promise.allSettled([this.flushing]);
      await this.handle.close().catch(() => undefined);
    }
    await this.files.rm(this.temporaryPath, { force: true }).catch(() => undefined);
  }
}
