import { basename, dirname, join } from 'node:path';
import type { ArtifactRef, ModelMetadata, ModelRef } from '../core/contracts/model.js';
import type { ArtifactStore } from '../core/contracts/store.js';
import { ForgeError } from '../core/errors/index.js';
import { isMissing, nodeFileSystem, type FileSystem } from './file-system.js';
import { makeFolder, syncFolder } from './folders.js';
import { hashFile } from './hashing.js';
import { storageError } from './io-error.js';
import { CONFIG, modelConfig, type Interchanges } from './model-config.js';
import { checkModelMetadata } from './model-metadata.js';
import { checkFileName } from './names.js';
import { checkRegular, readText, readWhole } from './regular-file.js';
import { openSafetensors } from './safetensors/reader.js';
import { namesIn, temporaryName } from './temporary.js';
import { writeFileAtomic } from './atomic-write.js';

export const WEIGHTS = 'model.safetensors';
export const TOKENIZER = 'tokenizer.json';
export const METADATA = 'metadata.json';
/** Side files lie at `sidecars/<purpose>/<name>`. */
const SIDECARS = 'sidecars';

/**
 * Write a model as a folder: config.json, model.safetensors, tokenizer.json, metadata.json and side files. The folder
 * appears complete or not at all.
 *
 * @param folder must not exist, or be empty
 * @throws ForgeError AF_MODEL_FOLDER, AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT, AF_STORAGE_FULL
 */
export async function exportModel(
  model: ModelRef,
  store: ArtifactStore,
  folder: string,
  files: FileSystem = nodeFileSystem,
): Promise<void> {
  if ((await namesIn(folder, files)).length > 0) {
    throw new ForgeError('AF_MODEL_FOLDER', 'The folder to write the model to is not empty.', {
      at: folder,
      fix: 'Name a new folder.',
    });
  }
  const pending = join(dirname(folder), temporaryName());
  try {
    await makeFolder(pending, files);
    await writeModelFiles(model, store, pending, files);
    await files.rename(pending, folder);
    await syncFolder(dirname(folder), files);
  } catch (error) {
    await files.rm(pending, { recursive: true, force: true }).catch(() => undefined);
    throw storageError(error, 'write the model', folder);
  }
}

/**
 * Write the files of a model into a folder that nobody else uses yet; each copy is compared with its hash.
 *
 * @param configJson content of config.json where other programs shall read it
 * @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT
 */
export async function writeModelFiles(
  model: ModelRef,
  store: ArtifactStore,
  folder: string,
  files: FileSystem = nodeFileSystem,
  configJson: unknown = model.config,
): Promise<void> {
  await writeFileAtomic(join(folder, CONFIG), json(configJson), files);
  await writeFileAtomic(join(folder, METADATA), json(model.metadata), files);
  await copyArtifact(model.weights, join(folder, WEIGHTS), store, files);
  if (model.tokenizer) await copyArtifact(model.tokenizer, join(folder, TOKENIZER), store, files);
  for (const [purpose, ref] of Object.entries(model.sidecars)) {
    const path = join(
      folder,
      SIDECARS,
      checkFileName(purpose, 'a side file'),
      checkFileName(ref.name, 'a side file'),
    );
    await copyArtifact(ref, path, store, files);
  }
}

/**
 * Read a model folder into the store. Everything is checked first: the metadata against its schema, the weights and
 * the tokenizer against the hashes it records, the safetensors header byte by byte.
 *
 * @returns the reference to register
 * @throws ForgeError AF_MODEL_FOLDER, AF_MODEL_METADATA, AF_ARTIFACT_CORRUPT, AF_SAFETENSORS_FORMAT
 */
export async function importModel(
  folder: string,
  store: ArtifactStore,
  files: FileSystem = nodeFileSystem,
  interchanges: Interchanges = {},
): Promise<ModelRef> {
  const config = modelConfig(await readJson(folder, CONFIG, files), folder, interchanges);
  const metadata = await checkModelMetadata(await readJson(folder, METADATA, files), join(folder, METADATA));
  await checkHash(folder, WEIGHTS, metadata.sha256, files);
  await (await openSafetensors(join(folder, WEIGHTS), files)).close();
  if (metadata.tokenizer_sha256 !== null)
    await checkHash(folder, TOKENIZER, metadata.tokenizer_sha256, files);
  return {
    id: metadata.model_id,
    name: metadata.model_name,
    config,
    weights: await putFile(store, WEIGHTS, join(folder, WEIGHTS), files),
    tokenizer:
      metadata.tokenizer_sha256 === null
        ? null
        : await putFile(store, TOKENIZER, join(folder, TOKENIZER), files),
    sidecars: await importSidecars(folder, store, files),
    metadata,
  };
}

/** Copy by the file system, verify the copy and make it durable. */
async function copyArtifact(
  ref: ArtifactRef,
  path: string,
  store: ArtifactStore,
  files: FileSystem,
): Promise<void> {
  const source = store.path(ref);
  await makeFolder(dirname(path), files);
  checkRegular(source, await files.stat(source));
  await files.copyFile(source, path);
  const handle = await files.open(path, 'r+');
  await handle.sync().finally(() => handle.close());
  const copied = await hashFile(path, files);
  if (copied.sha256 === ref.sha256) return;
  throw new ForgeError(
    'AF_ARTIFACT_CORRUPT',
    `The stored file ${ref.name} does not match its hash ${ref.sha256}.`,
    { at: source },
  );
}

async function importSidecars(
  folder: string,
  store: ArtifactStore,
  files: FileSystem,
): Promise<Record<string, ArtifactRef>> {
  const sidecars: Record<string, ArtifactRef> = {};
  for (const purpose of await namesIn(join(folder, SIDECARS), files)) {
    const [name, ...more] = await namesIn(join(folder, SIDECARS, purpose), files);
    if (name === undefined || more.length > 0)
      throw folderError(folder, `${SIDECARS}/${purpose} must hold exactly one file`);
    sidecars[purpose] = await putFile(store, name, join(folder, SIDECARS, purpose, name), files);
  }
  return sidecars;
}

async function putFile(
  store: ArtifactStore,
  name: string,
  path: string,
  files: FileSystem,
): Promise<ArtifactRef> {
  return store.putFile ? store.putFile(name, path) : store.put(name, await readWhole(path, files));
}

/** @throws ForgeError AF_ARTIFACT_CORRUPT, AF_MODEL_FOLDER */
export async function checkHash(
  folder: string,
  name: string,
  expected: ModelMetadata['sha256'],
  files: FileSystem,
): Promise<void> {
  const found = await hashFile(join(folder, name), files).catch((error: unknown) => {
    throw isMissing(error)
      ? folderError(folder, `${name} is missing`)
      : storageError(error, 'read the file', join(folder, name));
  });
  if (found.sha256 === expected) return;
  throw new ForgeError('AF_ARTIFACT_CORRUPT', `${name} does not match the hash in ${METADATA}.`, {
    at: join(folder, name),
    fix: 'Get the folder again from where it came from; one of the two files was changed.',
    facts: { expected, found: found.sha256 },
  });
}

/** @throws ForgeError AF_MODEL_FOLDER */
export async function readJson(folder: string, name: string, files: FileSystem): Promise<unknown> {
  const path = join(folder, name);
  try {
    return JSON.parse(await readText(path, files)) as unknown;
  } catch (error) {
    if (isMissing(error)) throw folderError(folder, `${name} is missing`);
    throw folderError(folder, `${name} cannot be read as JSON`, error);
  }
}

/** A folder that does not hold a model, and why. */
export function folderError(folder: string, reason: string, cause?: unknown): ForgeError {
  return new ForgeError('AF_MODEL_FOLDER', `${basename(folder)} is not a model folder: ${reason}.`, {
    at: folder,
    fix: `A model folder holds ${CONFIG}, ${WEIGHTS}, ${METADATA} and, when the model has one, ${TOKENIZER}.`,
    cause,
  });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
