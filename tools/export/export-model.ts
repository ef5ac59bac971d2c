import { basename, join, resolve } from 'node:path';
import { ARCHITECTURE, type Architecture } from '../../core/contracts/architecture.js';
import type { ModelRef } from '../../core/contracts/model.js';
import { requireCurrentModel } from '../../core/contracts/old-record.js';
import type { ArtifactStore } from '../../core/contracts/store.js';
import type { Kernel } from '../../core/kernel/types.js';
import { checkOutput, OutputFolder } from '../merge/output/folder.js';
import { writeFileAtomic } from '../../storage/atomic-write.js';
import { nodeFileSystem } from '../../storage/file-system.js';
import { hashFile } from '../../storage/hashing.js';
import { storageError } from '../../storage/io-error.js';
import { writeModelFiles } from '../../storage/model-files.js';
import { GENERATION_CONFIG } from '../../storage/model-folder.js';
import { together } from '../../storage/together.js';
import { configFilesOf } from '../models/config-json.js';
import { locateWith } from '../models/open-model.js';
import { packageVersion } from '../version.js';
import { exportCard } from './card.js';
import { folderToExport, type ModelToExport } from './folder.js';
import { tokenizerConfig } from './tokenizer-config.js';

/** Room for config, metadata, card and what file systems round up, in bytes. */
const SMALL_FILES_BYTES = 1e6;

export interface ExportOptions {
  /** Folder for the model; relative to the project's `cwd`. */
  readonly output: string;
  /** Replace a model that is there. */
  readonly force?: boolean;
}

/** What was written. */
export interface ExportReport {
  readonly model: string;
  /** Absolute path. */
  readonly folder: string;
  /** Every file, side files included, with what was measured on the written bytes. */
  readonly files: readonly ExportedFile[];
  readonly bytes: number;
}

export interface ExportedFile {
  /** Path in the folder. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Write a model as a folder that stands alone: weights as they are stored (safetensors or packed), `config.json`, the tokenizer, and for a model of
 * the registry `metadata.json` and a card. Where the architecture can, `config.json` is one that other programs read; of a
 * quantised model it is our own, for they would misread its weights.
 * Every stored file is compared with its hash after it was copied; a model that lies in a folder is copied bit by bit.
 * The new folder appears complete or not at all. `loadModel` reads it.
 *
 * @throws ForgeError AF_REGISTRY_NOT_FOUND, AF_EXPORT_OUTPUT, AF_ARTIFACT_CORRUPT, AF_ARTIFACT_MISSING, AF_STORAGE_FULL,
 * AF_MODEL_FOLDER, AF_MODEL_CONFIG, AF_MODEL_TENSORS
 */
export async function exportModelOf(
  kernel: Kernel,
  reference: string,
  cwd: string,
  { output, force = false }: ExportOptions,
): Promise<ExportReport> {
  const located = await locateWith(kernel, reference, cwd);
  const folder = resolve(cwd, output);
  const model =
    located.kind === 'folder'
      ? await folderToExport(kernel, located.folder)
      : await registryModel(kernel, located.model, basename(folder));
  await checkOutput({
    ...{ folder, force, code: 'AF_EXPORT_OUTPUT', files: nodeFileSystem },
    bytes: model.bytes + SMALL_FILES_BYTES,
    inputs: [model.source],
  });
  const pending = await OutputFolder.create(folder, nodeFileSystem);
  try {
    await model.write(pending.path);
    const files = await listFiles(pending.path);
    await pending.commit({ force, code: 'AF_EXPORT_OUTPUT' });
    return { model: model.name, folder, files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
  } catch (error) {
    await pending.discard();
    throw storageError(error, 'write the model', folder);
  }
}

/** A model of the registry. @param title name of the folder, for the card */
async function registryModel(kernel: Kernel, model: ModelRef, title: string): Promise<ModelToExport> {
  requireCurrentModel(model.metadata, `model ${model.id}`);
  const { root, artifacts } = await kernel.storage();
  return {
    ...{ name: model.id, source: root, bytes: bytesOf(model) },
    write: async (target) => {
      const { config, generation } = configFilesOf(kernel, model);
      await writeModelFiles(model, artifacts, target, nodeFileSystem, config);
      const texts = await smallFiles(kernel, model, artifacts, title);
      if (generation !== null) texts.push([GENERATION_CONFIG, `${JSON.stringify(generation, null, 2)}\n`]);
      for (const [name, content] of texts) await writeFileAtomic(join(target, name), content);
    },
  };
}

function bytesOf({ weights, tokenizer, sidecars }: ModelRef): number {
  return [weights, ...(tokenizer === null ? [] : [tokenizer]), ...Object.values(sidecars)].reduce(
    (sum, { bytes }) => sum + bytes,
    0,
  );
}

/** The card, and what other programs want to know of the tokenizer. */
async function smallFiles(
  kernel: Kernel,
  model: ModelRef,
  artifacts: ArtifactStore,
  title: string,
): Promise<[string, string][]> {
  const card = exportCard(model, { title, producer: `agentforge ${packageVersion()}` });
  if (model.tokenizer === null) return [['README.md', card]];
  const tokenizer = await artifacts.readText(model.tokenizer);
  const config = tokenizerConfig(tokenizer, model.metadata.special_tokens, contextLengthOf(kernel, model));
  return [
    ['README.md', card],
    ...(config === null ? [] : [['tokenizer_config.json', config] as [string, string]]),
  ];
}

/** Null where the architecture is not there: a model can be exported without being run. */
function contextLengthOf(kernel: Kernel, { config }: ModelRef): number | null {
  if (!kernel.names(ARCHITECTURE).includes(config.architecture)) return null;
  const architecture: Architecture = kernel.resolve(ARCHITECTURE, config.architecture);
  try {
    return architecture.contextLength(config.hyperparameters);
  } catch {
    return null;
  }
}

async function listFiles(folder: string): Promise<ExportedFile[]> {
  const entries = await nodeFileSystem.readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return together(
    paths.map(async (path) => ({ file: path.slice(folder.length + 1), ...(await hashFile(path)) })),
  );
}
