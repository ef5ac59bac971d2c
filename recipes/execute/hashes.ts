import { availableParallelism } from 'node:os';
import type { FileSystem } from '../../storage/file-system.js';
import { HashThread } from '../../storage/hash-thread.js';
import { hashFile } from '../../storage/hashing.js';
import type { Checkpoint } from '../checkpoints/open.js';

export interface HashedFile {
  /** Path. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The files of a checkpoint. */
export interface CheckpointHashes {
  readonly reference: string;
  readonly files: readonly HashedFile[];
}

/** Bytes from which on threads are worth their start. */
const THREADS_PAY = 64e6;

/** More would wait for the disk, or take the processor from the merge. */
const MOST_THREADS = 4;

/** Hashes the files of the parents while their tensors are merged. */
export class Hashes {
  private turn = 0;

  private constructor(
    private readonly threads: readonly HashThread[],
    private readonly files: FileSystem,
  ) {}

  /**
   * @param bytes how much there will be to hash
   * @param count in how many files
   */
  static start(bytes: number, count: number, files: FileSystem): Hashes {
    const most = bytes < THREADS_PAY ? 0 : Math.min(count, availableParallelism(), MOST_THREADS);
    return new Hashes(
      Array.from({ length: most }, () => HashThread.start()),
      files,
    );
  }

  /** Shard by shard, so that the files are hashed at about the time at which they are merged. */
  async checkpoints(checkpoints: readonly Checkpoint[]): Promise<CheckpointHashes[]> {
    const order = checkpoints
      .flatMap(({ tensors }) => tensors.files.map((file, index) => ({ file, index })))
      .sort((a, b) => a.index - b.index);
    const hashes = new Map<string, HashedFile>();
    const one = async (file: string): Promise<void> => {
      hashes.set(file, await this.hash(file));
    };
    if (this.threads.length > 0) await Promise.all(order.map(({ file }) => one(file)));
    else for (const { file } of order) await one(file);
    return checkpoints.map(({ reference, tensors }) => ({
      reference,
      files: tensors.files.map((file) => hashes.get(file)!),
    }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.stop()));
  }

  private async hash(file: string): Promise<HashedFile> {
    const thread = this.threads[this.turn++ % this.threads.length];
    if (thread === undefined) return { file, ...(await hashFile(file, this.files)) };
    const [sha256, { size }] = await Promise.all([thread.sha256(file), this.files.stat(file)]);
    return { file, bytes: size, sha256 };
  }
}
