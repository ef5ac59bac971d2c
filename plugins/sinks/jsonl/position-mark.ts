import { closeSync, constants, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { writeAll, type WriteBytes } from './line-file.js';

/** Bytes of a mark: every one is as long as the last, so that it is overwritten and there is never a moment without one. */
const LENGTH = 32;

/** A position in a file that is appended to, kept beside it. */
export class PositionMark {
  constructor(
    private readonly path: string,
    private readonly writeBytes: WriteBytes = writeSync,
  ) {}

  /** The position in bytes; null when there is none or it cannot be read: nothing is cut off then. */
  read(): number | null {
    try {
      const { bytes } = JSON.parse(readFileSync(this.path, 'utf8')) as { readonly bytes?: unknown };
      return Number.isSafeInteger(bytes) && Number(bytes) >= 0 ? Number(bytes) : null;
    } catch {
      return null;
    }
  }

  /**
   * Durable when this returns: a mark that is older than the checkpoint would cut off too much.
   * @throws the system's error; the mark before it stands then
   */
  write(bytes: number): void {
    const descriptor = openSync(this.path, constants.O_RDWR | constants.O_CREAT);
    try {
      const text = `${JSON.stringify({ bytes }).padEnd(LENGTH - 1)}\n`;
      writeAll(descriptor, Buffer.from(text), this.writeBytes);
      fdatasyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}
