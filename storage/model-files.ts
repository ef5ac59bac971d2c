import { basename, dirname, join } from 'node:path';
import type { ArtifactRef, ModelMetadata, ModelRef } from '../core/contracts/model.js';
import type { ArtifactStore } from '../core/contracts/store.js';
import { ForgeError } from '../core/errors/index.js';
import { isMissing, nodeFileSystem, type FileSystem } from './file-system.js';
import { makeFolder } from './folders.js';
import { hashFile } from './hashing.js';
import { storageError } from './io-error.js';
import { CONFIG } from './model-config.js';
import { checkFileName } from './names.js';
import { PACKED } from './packed/model.js';
import { checkRegular, readText } from './regular-file.js';
import { writeFileAtomic } from './atomic-write.js';

export const WEIGHTS = 'model.safetensors';
export const TOKENIZER = 'tokenizer.json';
export const METADATA = 'metadata.json';
/** Side files lie at `sidecars/<purpose>/<name>`. */
export const SIDECARS = 'sidecars';

/** Whether the weights of a model are a packed file: the store keeps what it is called. */
export function isPacked({ weights }: Pick<ModelRef, 'weights'>): boolean {
  return weights.name === PACKED;
}

/** What the file of a model's weights is called in a folder. */
export function weightsFile(model: Pick<ModelRef, 'weights'>): string {
  return isPacked(model) ? PACKED : WEIGHTS;
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
  await copyArtifact(model.weights, join(folder, weightsFile(model)), store, files);
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

/** Copy by the file system, verify the copy and make it durable. */
async function copyArtifact(
  ref: ArtifactRef,
  path: string,
  store: ArtifactStore,
  files: FileSystem,
): Promise<void> {
  const source = store.path(ref);
  try {
    await makeFolder(dirname(path), files);
    checkRegular(source, await files.stat(source));
    await files.copyFile(source, path);
    const handle = await files.open(path, 'r+');
    await handle.sync().finally(() => handle.close());
    if ((await hashFile(path, files)).sha256 === ref.sha256) return;
  } catch (error) {
    throw storageError(error, 'write the model', path);
  }
  throw new ForgeError(
    'AF_ARTIFACT_CORRUPT',
    `The stored file ${ref.name} does not match its hash ${ref.sha256}.`,
    { at: source },
  );
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
    fix: `A model folder holds ${CONFIG}, ${WEIGHTS} or ${PACKED}, ${METADATA} and, when the model has one, ${TOKENIZER}.`,
    cause,
  });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
