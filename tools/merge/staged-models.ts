import { join } from 'node:path';
import type { ArtifactRef, ModelRef } from '../../core/contracts/model.js';
import type { ArtifactStore } from '../../core/contracts/store.js';
import type { Kernel } from '../../core/kernel/types.js';
import { ForgeError, isForgeError, type Problem } from '../../core/errors/index.js';
import { isPacked } from '../../storage/model-files.js';
import { appliedProblem } from './checkpoints/quantised.js';
import type { LocateModel } from './index.js';
import { OutputFolder } from './output/folder.js';
import { writeFileAtomic } from '../../storage/atomic-write.js';
import { nodeFileSystem } from '../../storage/file-system.js';
import { makeFolder } from '../../storage/folders.js';
import { hashFile } from '../../storage/hashing.js';
import { storageError } from '../../storage/io-error.js';
import { isPath } from '../models/find-model.js';
import { locateModel } from '../models/locate-model.js';
import { configFilesOf } from '../models/config-json.js';
import { existingRegistry } from '../models/open-model.js';

/**
 * Models of the registry as the folders that a merge reads: links to the stored files under the names that a model
 * folder has. They lie in the storage folder while the merge lasts.
 */
export class StagedModels {
  private readonly staged = new Map<string, Promise<string>>();
  private folder: Promise<OutputFolder> | null = null;

  /** @param folders where relative paths start, for names that are folders */
  constructor(
    private readonly kernel: Kernel,
    private readonly folders: readonly string[],
  ) {}

  readonly locate: LocateModel = async (reference) => {
    if (isPath(reference)) return null;
    try {
      const located = await locateModel(reference, {
        registry: () => existingRegistry(this.kernel),
        folders: this.folders,
      });
      if (located.kind === 'folder') return located.folder;
      const { model } = located;
      return (
        appliedProblem(reference, `model ${model.id}`, model.config, isPacked(model)) ??
        (await this.stage(model))
      );
    } catch (error) {
      if (!isForgeError(error)) throw error;
      return problemOf(reference, error, this.folders);
    }
  };

  async dispose(): Promise<void> {
    await (await this.folder)?.discard();
  }

  private stage(model: ModelRef): Promise<string> {
    const known = this.staged.get(model.id);
    if (known !== undefined) return known;
    const staged = this.link(model);
    this.staged.set(model.id, staged);
    return staged;
  }

  private async link(model: ModelRef): Promise<string> {
    const { root, artifacts } = await this.kernel.storage();
    this.folder ??= OutputFolder.create(join(root, 'merge'), nodeFileSystem);
    const folder = join((await this.folder).path, model.id);
    await makeFolder(folder, nodeFileSystem);
    try {
      const config = `${JSON.stringify(configFilesOf(this.kernel, model).config, null, 2)}\n`;
      await writeFileAtomic(join(folder, 'config.json'), config);
      await linkArtifact(model.weights, join(folder, 'model.safetensors'), artifacts);
      if (model.tokenizer !== null)
        await linkArtifact(model.tokenizer, join(folder, 'tokenizer.json'), artifacts);
    } catch (error) {
      throw storageError(error, 'lay the model out for the merge', folder);
    }
    return folder;
  }
}

/** A second name for a stored file, or a copy where the file system has no links; its content is checked. */
async function linkArtifact(ref: ArtifactRef, path: string, store: ArtifactStore): Promise<void> {
  const source = store.path(ref);
  await nodeFileSystem.link(source, path).catch(() => nodeFileSystem.copyFile(source, path));
  if ((await hashFile(path)).sha256 === ref.sha256) return;
  throw new ForgeError(
    'AF_ARTIFACT_CORRUPT',
    `The stored file ${ref.name} does not match its hash ${ref.sha256}.`,
    {
      at: source,
      fix: 'Run the phase that made it again: storing the same content replaces the damaged file.',
    },
  );
}

function problemOf(reference: string, error: ForgeError, folders: readonly string[]): Problem {
  const { suggestion } = error.facts;
  const unknown = error.code === 'AF_REGISTRY_NOT_FOUND';
  return {
    at: reference,
    source: error.at === undefined || unknown ? undefined : error.at,
    message: unknown
      ? 'there is no model and no folder of that name'
      : error.message.replace(/\.$/, '').replace(/^The/, 'the'),
    ...(unknown ? { found: `nothing in the registry or in ${[...new Set(folders)].join(' or ')}` } : {}),
    suggestion: typeof suggestion === 'string' ? suggestion : undefined,
    // The suggestion has a line of its own.
    fix: unknown ? 'agentforge models lists the models there are; check the name.' : error.fix,
  };
}
