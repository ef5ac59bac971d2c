import { closeSync, fstatSync, fdatasyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

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
  ) {
    this.descriptor = openSync(path, 'a+');
    dropTornLine(this.descriptor);
  }

  /** Bytes that were handed to the operating system. */
  get size(): number {
    return fstatSync(this.descriptor).size;
  }

  /** Cut off what lies behind a position; a file that is shorter stays as it is. */
  cutBack(position: number): void {
    if (position < this.size) ftruncateSync(this.descriptor, position);
  }

  append(line: string): void {
    this.pending.push(line);
    this.pendingLength += line.length + 1;
    if (this.pendingLength >= this.blockLength) this.write();
  }

  /** Hand what is gathered to the operating system: other processes see it, a power cut may lose it. */
  write(): void {
    if (this.pending.length === 0) return;
    const block = Buffer.from(`${this.pending.join('\n')}\n`, 'utf8');
    this.pending = [];
    this.pendingLength = 0;
    for (let written = 0; written < block.length;) written += writeSync(this.descriptor, block, written);
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

/** A process killed while writing leaves a last line without its newline: cut it off, its event never counted. */
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
