import { join } from 'node:path';
import type { ModelConfig, ModelMetadata } from '../core/contracts/model.js';
import type { TensorDict } from '../core/contracts/tensor.js';
import { nodeFileSystem, type FileSystem } from './file-system.js';
import { storageError } from './io-error.js';
import {
  checkConfig,
  checkHash,
  CONFIG,
  folderError,
  METADATA,
  readJson,
  TOKENIZER,
  WEIGHTS,
} from './model-directory.js';
import { checkModelMetadata } from './model-metadata.js';
import { readText } from './regular-file.js';
import { openModelTensors } from './safetensors/index.js';
import { namesIn } from './temporary.js';

const INDEX = 'model.safetensors.index.json';

/** A model in a folder: one that was exported, or the result of a merge, which has no metadata and may have shards. */
export interface ModelFolder {
  /** Absolute path. */
  readonly folder: string;
  readonly config: ModelConfig;
  /** Null when the folder holds none. */
  readonly metadata: ModelMetadata | null;
  /** Text of tokenizer.json; null when the folder holds none. */
  readonly tokenizer: string | null;
  /**
   * All tensors; F16 and BF16 are widened to float32. Where there is metadata, the weights are compared with its hash.
   * @throws ForgeError AF_ARTIFACT_CORRUPT, AF_SAFETENSORS_FORMAT, AF_SAFETENSORS_NOT_FOUND
   */
  readWeights(): Promise<TensorDict>;
}

/**
 * Read what a model folder says of its model; the weights are read later.
 *
 * @param folder absolute path
 * @throws ForgeError AF_MODEL_FOLDER, AF_MODEL_METADATA, AF_ARTIFACT_CORRUPT
 */
export async function openModelFolder(
  folder: string,
  files: FileSystem = nodeFileSystem,
): Promise<ModelFolder> {
  const names = await listFolder(folder, files);
  const config = checkConfig(await readJson(folder, CONFIG, files), folder);
  if (!names.includes(WEIGHTS) && !names.includes(INDEX)) throw folderError(folder, `${WEIGHTS} is missing`);
  const metadata = names.includes(METADATA)
    ? await checkModelMetadata(await readJson(folder, METADATA, files), join(folder, METADATA))
    : null;
  const recorded = metadata?.tokenizer_sha256 ?? null;
  if (recorded !== null) await checkHash(folder, TOKENIZER, recorded, files);
  return {
    folder,
    config,
    metadata,
    tokenizer: names.includes(TOKENIZER) ? await tokenizerText(join(folder, TOKENIZER), files) : null,
    readWeights: async () => {
      if (metadata !== null) await checkHash(folder, WEIGHTS, metadata.sha256, files);
      return readTensors(folder, files);
    },
  };
}

async function listFolder(folder: string, files: FileSystem): Promise<string[]> {
  try {
    return await namesIn(folder, files);
  } catch (error) {
    throw storageError(error, 'read the model', folder);
  }
}

async function tokenizerText(path: string, files: FileSystem): Promise<string> {
  try {
    return await readText(path, files);
  } catch (error) {
    throw storageError(error, 'read the tokenizer', path);
  }
}

async function readTensors(folder: string, files: FileSystem): Promise<TensorDict> {
  const tensors = await openModelTensors(folder, files);
  try {
    const weights: TensorDict = {};
    for (const name of tensors.names) weights[name] = await tensors.read(name);
    return weights;
  } finally {
    await tensors.close();
  }
}
