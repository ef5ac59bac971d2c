import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const NEWLINE = 0x0a;
const BLOCK_BYTES = 64 * 1024;

/**
 * An append-only file of lines. Lines are gathered in memory and written in blocks; `flush` makes them durable.
 * Writing is synchronous: engines hold the event loop during a step, an asynchronous write would wait for it.
 */
export class LineFile {
  private readonly descriptor: number;
  private pending: string[] = [];
  private pendingLength = 0;

  /**
   * @param blockLength characters gathered before they are written
   * @throws the system's error when the file cannot be opened
   */
  constructor(
    path: string,
    private readonly blockLength = BLOCK_BYTES,
    private readonly writeBytes: WriteBytes = writeSync,
  ) {
    this.descriptor = openSync(path, 'a+');
    dropTornLine(this.descriptor);
  }

  /** Bytes that were handed to the operating system. */
  get size(): number {
    return fstatSync(this.descriptor).size;
  }

  /** Cut off the lines behind a position; where that is not the end of a line, the file stays as it is. */
  cutBack(position: number): void {
    if (position < this.size && isEndOfLine(this.descriptor, position))
      ftruncateSync(this.descriptor, position);
  }

  append(line: string): void {
    this.pending.push(line);
    this.pendingLength += line.length + 1;
    if (this.pendingLength >= this.blockLength) this.write();
  }

  /**
   * Hand what is gathered to the operating system: other processes see it, a power cut may lose it.
   * @throws the system's error; the file holds whole lines then, and those that found no room are lost
   */
  write(): void {
    if (this.pending.length === 0) return;
    const block = Buffer.from(`${this.pending.join('\n')}\n`, 'utf8');
    this.pending = [];
    this.pendingLength = 0;
    try {
      writeAll(this.descriptor, block, this.writeBytes);
    } catch (error) {
      dropTornLine(this.descriptor);
      throw error;
    }
  }

  /** Everything appended so far is on the disk when this returns. */
  flush(): void {
    this.write();
    fdatasyncSync(this.descriptor);
  }

  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.descriptor);
    }
  }
}

function isEndOfLine(descriptor: number, position: number): boolean {
  const before = Buffer.alloc(1);
  if (position === 0) return true;
  readSync(descriptor, before, 0, 1, position - 1);
  return before[0] === NEWLINE;
}

/** A process killed while writing, or a full disk, leaves a last line without its newline: its event never counted. */
function dropTornLine(descriptor: number): void {
  const size = fstatSync(descriptor).size;
  const end = endOfLastLine(descriptor, size);
  if (end < size) ftruncateSync(descriptor, end);
}

function endOfLastLine(descriptor: number, size: number): number {
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const length = readSync(descriptor, block, 0, end - start, start);
    const newline = block.subarray(0, length).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

/** How bytes get to the operating system, as `fs.writeSync`: writes from an offset on and gives how many it took. */
export type WriteBytes = (descriptor: number, bytes: Uint8Array, offset: number) => number;

/** Write everything, however short the single writes are. @throws the system's error; some of it may be written then */
export function writeAll(descriptor: number, bytes: Uint8Array, writeBytes: WriteBytes): void {
  for (let written = 0; written < bytes.length;) written += writeBytes(descriptor, bytes, written);
}
