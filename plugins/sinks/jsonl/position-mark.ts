import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** A position in a file that is appended to, kept beside it. */
export class PositionMark {
  constructor(private readonly path: string) {}

  /** The position in bytes; null when there is none or it cannot be read: nothing is cut off then. */
  read(): number | null {
    try {
      const { bytes } = JSON.parse(readFileSync(this.path, 'utf8')) as { readonly bytes?: unknown };
      return Number.isSafeInteger(bytes) && Number(bytes) >= 0 ? Number(bytes) : null;
    } catch {
      return null;
    }
  }

  /** Durable when this returns: a mark that is older than the checkpoint would cut off too much. */
  write(bytes: number): void {
    const descriptor = openSync(this.path, 'w');
    try {
      writeSync(descriptor, `${JSON.stringify({ bytes })}\n`);
      fdatasyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}
