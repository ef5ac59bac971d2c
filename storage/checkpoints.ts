import { dirname, join } from 'node:path';
import { ForgeError } from '../core/errors/index.js';
import type { Checkpoint, CheckpointArea } from '../core/contracts/store.js';
import {
  checkpointFolderName,
  parseCheckpointFolder,
  readCheckpointFiles,
  writeCheckpointFiles,
  type CheckpointFolder,
} from './checkpoint-files.js';
import { isMissing, nodeFileSystem, type FileSystem } from './file-system.js';
import { makeFolder, syncFolder } from './folders.js';
import { storageError } from './io-error.js';
import { checkFileName } from './names.js';
import { encodeStrict } from './strict-json.js';
import { namesIn, removeAbandoned, temporaryName } from './temporary.js';

/** Told of what was found damaged and skipped. */
export type WarningListener = (message: string, facts: Readonly<Record<string, unknown>>) => void;

export interface CheckpointAreaOptions {
  readonly onWarning?: WarningListener;
  /** Called right before a checkpoint is put in place; throws when the session is no longer ours. */
  readonly beforeCommit?: () => Promise<void>;
  readonly files?: FileSystem;
}

/** Checkpoints kept when `save` does not say. */
const KEPT = 5;

/**
 * Checkpoints in a folder, each a folder `step-<n>` of its own that is assembled under a temporary name, synced and
 * renamed: a process killed at any moment leaves the old set or the new one, never a part of it. Areas below this
 * one lie under `areas/`.
 */
export class FileCheckpointArea implements CheckpointArea {
  private readonly files: FileSystem;

  constructor(
    readonly folder: string,
    private readonly options: CheckpointAreaOptions = {},
  ) {
    this.files = options.files ?? nodeFileSystem;
  }

  /**
   * Besides the contract: checkpoints of a larger step are removed as well, because they belong to a course of
   * events that this save leaves (a restart, or a resume from an older checkpoint than the newest).
   */
  async save(checkpoint: Checkpoint, options: { readonly keep?: number } = {}): Promise<void> {
    const { step } = checkpoint;
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new ForgeError(
        'AF_CHECKPOINT_STATE',
        `The step ${step} of a checkpoint is not an integer from 0 on.`,
      );
    }
    const state = encodeStrict(checkpoint.state);
    await makeFolder(this.folder, this.files);
    const before = await this.list();
    const pending = join(this.folder, temporaryName());
    const revisions = before.filter((other) => other.step === step).map(({ revision }) => revision + 1);
    const saved = checkpointFolderName(step, Math.max(0, ...revisions));
    try {
      await writeCheckpointFiles(pending, checkpoint, state, this.files);
      await this.options.beforeCommit?.();
      await this.files.rename(pending, join(this.folder, saved));
      await syncFolder(this.folder, this.files);
    } catch (error) {
      await this.files.rm(pending, { recursive: true, force: true }).catch(() => undefined);
      throw storageError(error, `write the checkpoint of step ${step}`, this.folder);
    }
    await this.prune(before, step, options.keep ?? KEPT).catch((error: unknown) => {
      this.options.onWarning?.(
        `Older checkpoints could not be removed: ${storageError(error, 'remove them', this.folder).message}`,
        {},
      );
    });
  }

  async latest(): Promise<Checkpoint | null> {
    // What a killed `clear` was removing lies beside this area.
    await removeAbandoned(dirname(this.folder), this.files);
    await removeAbandoned(this.folder, this.files);
    const found = (await this.list()).reverse();
    const reasons: ForgeError[] = [];
    for (const { name, step } of found) {
      try {
        const checkpoint = await readCheckpointFiles(join(this.folder, name), step, this.files);
        this.report(reasons, name);
        return checkpoint;
      } catch (error) {
        reasons.push(storageError(error, 'read the checkpoint', join(this.folder, name)));
      }
    }
    if (found.length === 0) return null;
    throw new ForgeError('AF_CHECKPOINT_CORRUPT', `None of the ${found.length} checkpoints is intact.`, {
      at: this.folder,
      fix: 'Run the phase again from its start (agentforge run --from <phase>); the damaged checkpoints stay where they are.',
      problems: reasons.map((reason) => ({ at: reason.at ?? this.folder, message: reason.message })),
    });
  }

  /** Removes this area and the areas below it, as one step. */
  async clear(): Promise<void> {
    await this.remove(this.folder, dirname(this.folder));
  }

  child(name: string): CheckpointArea {
    return new FileCheckpointArea(
      join(this.folder, 'areas', checkFileName(name, 'a checkpoint area')),
      this.options,
    );
  }

  /** Complete checkpoints, oldest first. */
  private async list(): Promise<CheckpointFolder[]> {
    const names = await namesIn(this.folder, this.files);
    return names
      .map(parseCheckpointFolder)
      .filter((folder) => folder !== null)
      .sort((a, b) => a.step - b.step || a.revision - b.revision);
  }

  private async prune(before: readonly CheckpointFolder[], step: number, keep: number): Promise<void> {
    const older = before.filter((other) => other.step < step);
    const kept = new Set(keep > 1 ? older.slice(1 - keep) : []);
    for (const folder of before) {
      if (!kept.has(folder)) await this.remove(join(this.folder, folder.name), this.folder);
    }
    await removeAbandoned(this.folder, this.files);
  }

  /** Rename first, so that no half-removed checkpoint can be mistaken for a damaged one. */
  private async remove(path: string, parent: string): Promise<void> {
    const removed = join(parent, temporaryName());
    try {
      await this.files.rename(path, removed);
      await syncFolder(parent, this.files);
      await this.files.rm(removed, { recursive: true, force: true });
    } catch (error) {
      if (!isMissing(error)) throw storageError(error, 'remove the checkpoint', path);
    }
  }

  private report(reasons: readonly ForgeError[], used: string): void {
    for (const reason of reasons) {
      this.options.onWarning?.(`${reason.message} Using ${used} instead.`, { at: reason.at, used });
    }
  }
}
