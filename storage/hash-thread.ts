import { Worker } from 'node:worker_threads';
import { storageError } from './io-error.js';

/**
 * What the thread runs, as text: a module of its own could not be found both from the sources and from the built
 * package. Files are hashed one after another, in the order they were asked for.
 */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const { closeSync, constants, fstatSync, openSync, readSync } = require('node:fs');
const buffer = new Uint8Array(1 << 20);
parentPort.on('message', ({ id, path }) => {
  try {
    const hash = createHash('sha256');
    // Not waiting, so that a pipe cannot hold the thread up.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!fstatSync(file).isFile()) throw new Error('it is not a regular file');
      for (let read = 1; read > 0; ) {
        read = readSync(file, buffer, 0, buffer.length, null);
        hash.update(buffer.subarray(0, read));
      }
    } finally {
      closeSync(file);
    }
    parentPort.postMessage({ id, sha256: hash.digest('hex') });
  } catch (error) {
    parentPort.postMessage({ id, message: error.message, code: error.code });
  }
});
`;

interface Answer {
  readonly id: number;
  readonly sha256?: string;
  readonly message?: string;
  readonly code?: string;
}

interface Waiting {
  readonly path: string;
  resolve(sha256: string): void;
  reject(error: unknown): void;
}

/** Hashes files beside the work at hand, on another core. */
export class HashThread {
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  private constructor(private readonly worker: Worker) {
    worker.on('message', (answer: Answer) => this.settle(answer));
    worker.on('error', (error) => this.fail(error));
    worker.on('exit', () => this.fail(new Error('the hashing thread ended')));
  }

  static start(): HashThread {
    return new HashThread(new Worker(PROGRAM, { eval: true, stdin: false }));
  }

  /** sha256 of a file, in hex. @throws ForgeError AF_STORAGE_DENIED, AF_STORAGE_IO */
  sha256(path: string): Promise<string> {
    const id = this.asked++;
    const answer = new Promise<string>((resolve, reject) => this.waiting.set(id, { path, resolve, reject }));
    this.worker.postMessage({ id, path });
    return answer;
  }

  /** End the thread; what it was still asked for fails. */
  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  private settle({ id, sha256, message, code }: Answer): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (sha256 !== undefined) waiting?.resolve(sha256);
    else
      waiting?.reject(
        storageError(Object.assign(new Error(message), { code }), 'read the file', waiting.path),
      );
  }

  private fail(error: unknown): void {
    for (const waiting of this.waiting.values())
      waiting.reject(storageError(error, 'hash the file', waiting.path));
    this.waiting.clear();
  }
}
