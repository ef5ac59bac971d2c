import type { FileSystem } from '../../storage/file-system.js';
import { HashThread } from '../../storage/hash-thread.js';
import { hashFile } from '../../storage/hashing.js';
import type { FileHasher } from '../../storage/safetensors/index.js';
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

/** Bytes from which on a thread is worth its start. */
const THREAD_PAYS = 64e6;

/** Hashes parents and results while tensors are merged. */
export class Hashes {
  private constructor(
    private readonly thread: HashThread | null,
    private readonly files: FileSystem,
  ) {}

  /** @param bytes how much there will be to hash */
  static start(bytes: number, files: FileSystem): Hashes {
    return new Hashes(bytes < THREAD_PAYS ? null : HashThread.start(), files);
  }

  /** For the writer: undefined where it had better hash on the way. */
  get hasher(): FileHasher | undefined {
    const { thread } = this;
    return thread === null ? undefined : (file) => thread.sha256(file);
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
    if (this.thread !== null) await Promise.all(order.map(({ file }) => one(file)));
    else for (const { file } of order) await one(file);
    return checkpoints.map(({ reference, tensors }) => ({
      reference,
      files: tensors.files.map((file) => hashes.get(file)!),
    }));
  }

  async stop(): Promise<void> {
    await this.thread?.stop();
  }

  private async hash(file: string): Promise<HashedFile> {
    if (this.thread === null) return { file, ...(await hashFile(file, this.files)) };
    const [sha256, { size }] = await Promise.all([this.thread.sha256(file), this.files.stat(file)]);
    return { file, bytes: size, sha256 };
  }
}
