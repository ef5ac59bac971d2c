import { availableParallelism } from 'node:os';
import type { FileSystem } from '../../../storage/file-system.js';
import { HashThread } from '../../../storage/hash-thread.js';
import { hashFile } from '../../../storage/hashing.js';
import { storageError } from '../../../storage/io-error.js';
import { together } from '../../../storage/together.js';
import type { Checkpoint } from '../checkpoints/open.js';
import { KnownHashes } from './known-hashes.js';

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

/** Bytes from which on a file is worth a thread. */
const THREAD_PAYS = 16e6;

/** More threads would wait for the disk, or take the processor from the merge. */
const MOST_THREADS = 4;

/** Hashes the files of the parents while their tensors are merged. Threads start with the first file that needs one. */
export class Hashes {
  private readonly threads: HashThread[] = [];
  private turn = 0;

  private constructor(
    private readonly known: KnownHashes,
    private readonly files: FileSystem,
  ) {}

  /** @param cache file with hashes of earlier merges; null: every file is hashed */
  static async open(cache: string | null, files: FileSystem): Promise<Hashes> {
    return new Hashes(await KnownHashes.open(cache, files), files);
  }

  /** Shard by shard, so that the files are hashed at about the time at which they are merged. */
  async checkpoints(checkpoints: readonly Checkpoint[]): Promise<CheckpointHashes[]> {
    const order = checkpoints
      .flatMap(({ tensors }) => tensors.files.map((file, index) => ({ file, index })))
      .sort((a, b) => a.index - b.index);
    const hashes = new Map<string, HashedFile>();
    const one = async (file: string): Promise<void> => {
      try {
        hashes.set(file, { file, ...(await this.known.hash(file, () => this.compute(file))) });
      } catch (error) {
        throw storageError(error, 'hash the file', file);
      }
    };
    await together(order.map(({ file }) => one(file)));
    await this.known.save();
    return checkpoints.map(({ reference, tensors }) => ({
      reference,
      files: tensors.files.map((file) => hashes.get(file)!),
    }));
  }

  async stop(): Promise<void> {
    await together(this.threads.map((thread) => thread.stop()));
  }

  private async compute(file: string): Promise<string> {
    const { size } = await this.files.stat(file);
    if (size < THREAD_PAYS) return (await hashFile(file, this.files)).sha256;
    return this.nextThread().sha256(file);
  }

  private nextThread(): HashThread {
    const place = this.turn++ % Math.min(availableParallelism(), MOST_THREADS);
    return (this.threads[place] ??= HashThread.start());
  }
}
