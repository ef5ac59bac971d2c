import type { ArtifactRef } from './model.js';
import type { TensorDict } from './tensor.js';

/** Types that float32 tensors are stored as. */
export type StoredFloat = 'F32' | 'F16' | 'BF16';

/** Content-addressed, immutable files under `.agentforge/artifacts/sha256/`. Writes are temp + fsync + rename. */
export interface ArtifactStore {
  /** Store text or bytes. @throws ForgeError AF_STORAGE_FULL with nothing half-written. */
  put(name: string, content: string | Uint8Array): Promise<ArtifactRef>;
  /** Store a file by streaming it. A store that keeps everything in memory may leave it out. */
  putFile?(name: string, path: string): Promise<ArtifactRef>;
  /**
   * Store named tensors as safetensors; `metadata` values go to `__metadata__`. `dtype` is one type for all float32
   * tensors, or one for each by name; F32 where nothing is said.
   */
  putTensors(
    name: string,
    tensors: TensorDict,
    options?: {
      readonly metadata?: Readonly<Record<string, string>>;
      readonly dtype?: StoredFloat | Readonly<Record<string, StoredFloat>>;
    },
  ): Promise<ArtifactRef>;
  /** Absolute path of an artifact. @throws ForgeError AF_ARTIFACT_MISSING */
  path(ref: ArtifactRef): string;
  /** Verified content. @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT */
  read(ref: ArtifactRef): Promise<Uint8Array>;
  readText(ref: ArtifactRef): Promise<string>;
  /** Verified tensors; F16 and BF16 are widened to float32. */
  readTensors(ref: ArtifactRef): Promise<TensorDict>;
}

/** A resumable point of a phase: named tensors plus JSON state, written as one atomic, hashed set. */
export interface Checkpoint {
  /** Ordinal of the writer's progress; larger is later. */
  readonly step: number;
  readonly tensors: TensorDict;
  /** JSON-serialisable. Non-finite numbers are not allowed. */
  readonly state: unknown;
}

/** The checkpoints of one phase of one session. */
export interface CheckpointArea {
  /**
   * Write a checkpoint; older ones beyond `keep` are removed after the new one is safe.
   * @throws ForgeError AF_STORAGE_FULL when the disk is full: the previous checkpoint is untouched.
   */
  save(checkpoint: Checkpoint, options?: { readonly keep?: number }): Promise<void>;
  /**
   * Newest checkpoint whose hashes match, or null. A damaged newer one is reported and skipped for an older one.
   * @throws ForgeError AF_CHECKPOINT_CORRUPT when there are checkpoints but none is intact.
   */
  latest(): Promise<Checkpoint | null>;
  clear(): Promise<void>;
  /** An area of its own below this one (`area.child('trunk')`). */
  child(name: string): CheckpointArea;
}
