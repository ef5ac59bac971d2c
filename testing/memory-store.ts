import { createHash } from 'node:crypto';
import type { ArtifactRef } from '../core/contracts/model.js';
import type { ArtifactStore } from '../core/contracts/store.js';
import { ForgeError } from '../core/errors/index.js';
import { FileArtifactStore } from '../storage/artifacts.js';
import { openSafetensorsBytes } from '../storage/safetensors/reader.js';
import { readTensorDict } from '../storage/tensor-files.js';
import { withTemporaryFolder } from './temporary-folder.js';

/**
 * An artifact store that keeps everything in memory: same references, same bytes as the one of files, nothing to clean
 * up. It has no files, so `path` refuses: test what needs one with {@link createTestKernel}.
 */
export function memoryStore(): ArtifactStore {
  const kept = new Map<string, Uint8Array>();
  const keep = (name: string, bytes: Uint8Array): ArtifactRef => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    kept.set(sha256, bytes);
    return { sha256, bytes: bytes.byteLength, name };
  };
  const find = (ref: ArtifactRef): Uint8Array => {
    const bytes = kept.get(ref.sha256);
    if (bytes !== undefined) return bytes;
    throw new ForgeError('AF_ARTIFACT_MISSING', `The store holds no ${ref.name} of that hash.`, {
      at: ref.sha256,
      fix: 'Put it first, into this very store.',
    });
  };
  return {
    put: async (name, content) => keep(name, Uint8Array.from(Buffer.from(content as Uint8Array))),
    putTensors: (name, tensors, options) =>
      withTemporaryFolder(async (folder) => {
        // Written by the real store, so that hashes are those of a run.
        const files = await FileArtifactStore.open(folder);
        return keep(name, Uint8Array.from(await files.read(await files.putTensors(name, tensors, options))));
      }),
    path: (ref) => {
      throw new ForgeError('AF_USAGE', `${ref.name} is in memory, not in a file.`, {
        fix: 'Use createTestKernel, whose storage is a folder.',
      });
    },
    read: async (ref) => find(ref).slice(),
    readText: async (ref) => new TextDecoder().decode(find(ref)),
    readTensors: async (ref) => {
      const reader = await openSafetensorsBytes(find(ref), ref.name);
      try {
        return await readTensorDict(reader);
      } finally {
        await reader.close();
      }
    },
  };
}
