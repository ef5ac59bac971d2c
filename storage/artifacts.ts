import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ForgeError } from '../core/errors/index.js';
import type { ArtifactRef } from '../core/contracts/model.js';
import type { ArtifactStore, StoredFloat } from '../core/contracts/store.js';
import type { TensorDict } from '../core/contracts/tensor.js';
import { isMissing, nodeFileSystem, type FileSystem } from './file-system.js';
import { makeFolder } from './folders.js';
import { hashFile, readChunks, sha256 } from './hashing.js';
import { storageError } from './io-error.js';
import { PendingFile } from './pending-file.js';
import { readWhole } from './regular-file.js';
import { openSafetensors } from './safetensors/reader.js';
import type { WrittenFile } from './safetensors/writer.js';
import { removeAbandoned } from './temporary.js';
import { readTensorDict, writeTensorDict } from './tensor-files.js';

const HASH = /^[0-9a-f]{64}$/;

/**
 * Content-addressed files at `<folder>/sha256/ab/<sha256>`, written once and never changed. Content is hashed while
 * it is written; writing what is there already replaces it with itself, which also heals a damaged copy and makes
 * it young again for the garbage collector. Any number of processes may write at the same time.
 */
export class FileArtifactStore implements ArtifactStore {
  private ready: Promise<void> | null = null;

  private constructor(
    readonly folder: string,
    private readonly files: FileSystem,
    private readonly beforeFirstWrite: () => Promise<void>,
  ) {}

  /**
   * A store in a folder, made with the first file that is stored: reading changes nothing.
   *
   * @param folder usually `<root>/artifacts`
   * @param beforeFirstWrite what has to be there before anything is stored
   */
  static open(
    folder: string,
    files: FileSystem = nodeFileSystem,
    beforeFirstWrite: () => Promise<void> = () => Promise.resolve(),
  ): Promise<FileArtifactStore> {
    return Promise.resolve(new FileArtifactStore(folder, files, beforeFirstWrite));
  }

  /** Where files lie until their hash is known. */
  get pendingFolder(): string {
    return join(this.folder, 'pending');
  }

  put(name: string, content: string | Uint8Array): Promise<ArtifactRef> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    return this.store(name, async (pending) => {
      await pending.write(bytes, 0);
      return { bytes: bytes.byteLength, sha256: sha256(bytes) };
    });
  }

  putTensors(
    name: string,
    tensors: TensorDict,
    options: {
      readonly metadata?: Readonly<Record<string, string>>;
      readonly dtype?: StoredFloat | Readonly<Record<string, StoredFloat>>;
    } = {},
  ): Promise<ArtifactRef> {
    const { metadata, dtype } = options;
    return this.store(name, (pending) =>
      writeTensorDict(pending, tensors, { file: name, metadata, floats: dtype }),
    );
  }

  putFile(name: string, path: string): Promise<ArtifactRef> {
    return this.store(name, async (pending) => {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of readChunks(path, this.files)) {
        await pending.write(chunk, bytes);
        hash.update(chunk);
        bytes += chunk.byteLength;
      }
      return { bytes, sha256: hash.digest('hex') };
    });
  }

  path(ref: ArtifactRef): string {
    const path = this.address(ref.sha256);
    if (!existsSync(path)) throw missing(ref);
    return path;
  }

  async read(ref: ArtifactRef): Promise<Uint8Array> {
    const bytes = await this.reading(ref, (path) => readWhole(path, this.files));
    if (bytes.byteLength !== ref.bytes || sha256(bytes) !== ref.sha256)
      throw corrupt(ref, this.address(ref.sha256));
    return bytes;
  }

  async readText(ref: ArtifactRef): Promise<string> {
    return new TextDecoder().decode(await this.read(ref));
  }

  async readTensors(ref: ArtifactRef): Promise<TensorDict> {
    await this.verify(ref);
    const reader = await openSafetensors(this.address(ref.sha256), this.files);
    try {
      return await readTensorDict(reader);
    } finally {
      await reader.close();
    }
  }

  /** Check length and hash without keeping the content. @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT */
  async verify(ref: ArtifactRef): Promise<void> {
    const found = await this.reading(ref, (path) => hashFile(path, this.files));
    if (found.bytes !== ref.bytes || found.sha256 !== ref.sha256)
      throw corrupt(ref, this.address(ref.sha256));
  }

  private async store(
    name: string,
    fill: (pending: PendingFile) => Promise<WrittenFile>,
  ): Promise<ArtifactRef> {
    this.ready ??= this.prepare();
    await this.ready;
    const pending = await PendingFile.create(this.pendingFolder, name, this.files);
    try {
      const written = await fill(pending);
      const path = this.address(written.sha256);
      await makeFolder(dirname(path), this.files);
      await pending.commit(path);
      return { sha256: written.sha256, bytes: written.bytes, name };
    } catch (error) {
      await pending.abort();
      throw storageError(error, `store ${name}`, this.folder);
    }
  }

  /** The folder for unfinished files, without those of dead processes; tried again when it fails. */
  private async prepare(): Promise<void> {
    try {
      await this.beforeFirstWrite();
      await makeFolder(this.pendingFolder, this.files);
      await removeAbandoned(this.pendingFolder, this.files);
    } catch (error) {
      this.ready = null;
      throw error;
    }
  }

  private async reading<T>(ref: ArtifactRef, read: (path: string) => Promise<T>): Promise<T> {
    const path = this.address(ref.sha256);
    try {
      return await read(path);
    } catch (error) {
      throw isMissing(error) ? missing(ref) : storageError(error, `read ${ref.name}`, path);
    }
  }

  /** References come from documents; only a real hash may become part of a path. */
  private address(hash: string): string {
    if (!HASH.test(hash)) {
      throw new ForgeError('AF_ARTIFACT_MISSING', `${JSON.stringify(hash)} is not a sha256.`, {
        at: this.folder,
      });
    }
    return join(this.folder, 'sha256', hash.slice(0, 2), hash);
  }
}

function missing(ref: ArtifactRef): ForgeError {
  return new ForgeError('AF_ARTIFACT_MISSING', `The stored file ${ref.name} is gone.`, {
    at: ref.sha256,
    fix: 'Run the phase that made it again (agentforge run --from <phase>), or put the artifacts folder back.',
    facts: { ...ref },
  });
}

function corrupt(ref: ArtifactRef, path: string): ForgeError {
  return new ForgeError(
    'AF_ARTIFACT_CORRUPT',
    `The stored file ${ref.name} does not match its hash ${ref.sha256}.`,
    {
      at: path,
      fix: 'Run the phase that made it again: storing the same content replaces the damaged file.',
      facts: { ...ref },
    },
  );
}
