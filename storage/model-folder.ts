import { basename, join } from 'node:path';
import type { TensorDescription } from '../core/contracts/architecture.js';
import type { ModelConfig, ModelMetadata } from '../core/contracts/model.js';
import type { StoredFloat } from '../core/contracts/store.js';
import type { TensorDict } from '../core/contracts/tensor.js';
import { ForgeError } from '../core/errors/index.js';
import { checkTensors } from './check-tensors.js';
import { nodeFileSystem, type FileSystem } from './file-system.js';
import { storageError } from './io-error.js';
import { CONFIG, modelConfig, type Interchanges } from './model-config.js';
import { checkHash, folderError, METADATA, readJson, TOKENIZER, WEIGHTS } from './model-files.js';
import { checkModelMetadata, checkQuantization } from './model-metadata.js';
import { openPackedModel, PACKED, type PackedFile } from './packed/index.js';
import { readText, readWhole } from './regular-file.js';
import { openModelTensors, type ModelTensors } from './safetensors/index.js';
import { specialTokens } from './special-tokens.js';
import { namesIn } from './temporary.js';

const INDEX = 'model.safetensors.index.json';
const TOKENIZER_CONFIG = 'tokenizer_config.json';
export const GENERATION_CONFIG = 'generation_config.json';

/** Files of tokenizers that are no tokenizer.json. */
const OTHER_TOKENIZERS = ['tokenizer.model', 'spiece.model', 'vocab.json', 'vocab.txt'];

/**
 * A model in a folder: one that was exported, the result of a merge, which has no metadata and may have shards, or a
 * checkpoint of another program that an architecture reads.
 */
export interface ModelFolder {
  /** Absolute path. */
  readonly folder: string;
  readonly config: ModelConfig;
  /** Content of config.json. */
  readonly configJson: Readonly<Record<string, unknown>>;
  /** Whether config.json is that of another program. */
  readonly isForeign: boolean;
  /** Null when the folder holds none. */
  readonly metadata: ModelMetadata | null;
  /** Text of tokenizer.json; null when the folder holds none. */
  readonly tokenizer: string | null;
  /** Ids of special tokens by purpose where the folder says so without metadata. */
  readonly special: Readonly<Record<string, number | null>>;
  /** Files of the folder, by name. */
  readonly names: readonly string[];
  /** Whether its weights are in `model.packed`, which `openPacked` opens; of tensors nothing can be read then. */
  readonly isPacked: boolean;
  /**
   * Open packed weights, compared with their hash where there is metadata, and with config.json.
   * @param described null: tensors are not compared, as where the architecture is not there
   * @throws ForgeError AF_PACKED_FORMAT, AF_ARTIFACT_CORRUPT, AF_MODEL_TENSORS; AF_MODEL_FOLDER where there are none
   */
  openPacked(described: readonly TensorDescription[] | null): Promise<PackedFile>;
  /**
   * Open the weights: headers are read, numbers are not. The caller closes them.
   * @throws ForgeError AF_SAFETENSORS_FORMAT; AF_MODEL_FOLDER when they are packed
   */
  openTensors(): Promise<ModelTensors>;
  /**
   * The types its tensors are stored as, by name: what was not changed is written back with its bytes when it is stored
   * as that type again. Types that are read as float32 and not written (F64) are left out.
   */
  storedTypes(): Promise<Readonly<Record<string, StoredFloat>>>;
  /**
   * All tensors as described; F16 and BF16 are widened to float32. Headers are compared with the description before
   * anything is read, and where there is metadata, the file with its hash.
   * @throws ForgeError AF_MODEL_TENSORS, AF_ARTIFACT_CORRUPT, AF_SAFETENSORS_FORMAT; AF_MODEL_FOLDER when they are packed
   */
  readWeights(described?: readonly TensorDescription[]): Promise<TensorDict>;
  /** Text of tokenizer.json. @throws ForgeError AF_MODEL_FOLDER when there is none, saying what there is instead */
  requireTokenizer(): string;
}

export interface OpenFolderOptions {
  /** Reads config.json of other programs; without it only our own is read. */
  readonly interchanges?: Interchanges;
  readonly files?: FileSystem;
}

/**
 * Read what a model folder says of its model; the weights are read later.
 *
 * @param folder absolute path
 * @throws ForgeError AF_MODEL_FOLDER, AF_MODEL_CONFIG, AF_MODEL_METADATA, AF_ARTIFACT_CORRUPT
 */
export async function openModelFolder(
  folder: string,
  { interchanges = {}, files = nodeFileSystem }: OpenFolderOptions = {},
): Promise<ModelFolder> {
  const names = await listFolder(folder, files);
  const json = await readJson(folder, CONFIG, files);
  const config = modelConfig(json, folder, interchanges);
  if (config.quantization !== undefined) await checkQuantization(config.quantization, join(folder, CONFIG));
  const configJson = json as Readonly<Record<string, unknown>>;
  const isPacked = packedIn(folder, names);
  const metadata = names.includes(METADATA)
    ? await checkModelMetadata(await readJson(folder, METADATA, files), join(folder, METADATA))
    : null;
  const recorded = metadata?.tokenizer_sha256 ?? null;
  if (recorded !== null) await checkHash(folder, TOKENIZER, recorded, files);
  const text = (name: string): Promise<string | null> =>
    names.includes(name) ? textOf(join(folder, name), files) : Promise.resolve(null);
  const tokenizer = await text(TOKENIZER);
  const generation = names.includes(GENERATION_CONFIG)
    ? await readJson(folder, GENERATION_CONFIG, files)
    : null;
  const tokenizerConfig = await text(TOKENIZER_CONFIG);
  const openTensors = async (): Promise<ModelTensors> => {
    if (!isPacked) return openModelTensors(folder, files);
    throw folderError(folder, `its weights are packed: they are no tensors that could be read one by one`);
  };
  const checkWeights = async (name: string): Promise<void> => {
    if (metadata !== null) await checkHash(folder, name, metadata.sha256, files);
  };
  return {
    ...{ folder, config, configJson, metadata, tokenizer, names, isPacked, openTensors },
    isForeign: configJson['architecture'] !== config.architecture,
    special: specialTokens({ tokenizer, tokenizerConfig, configs: [configJson, generation] }),
    openPacked: async (described) => {
      if (!isPacked) throw folderError(folder, `${PACKED} is missing`);
      await checkWeights(PACKED);
      const path = join(folder, PACKED);
      return openPackedModel(await bytesOf(path, files), { config, described, at: path });
    },
    readWeights: async (described) => {
      if (!isPacked) await checkWeights(WEIGHTS);
      return readTensors(await openTensors(), folder, described);
    },
    storedTypes: async () => typesOf(await openTensors()),
    requireTokenizer: () => {
      if (tokenizer !== null) return tokenizer;
      throw noTokenizer(folder, names);
    },
  };
}

/** Whether the weights are packed. @throws ForgeError AF_MODEL_FOLDER where there are none, or two kinds of them */
function packedIn(folder: string, names: readonly string[]): boolean {
  const tensors = [WEIGHTS, INDEX].find((name) => names.includes(name));
  const isPacked = names.includes(PACKED);
  if (isPacked && tensors !== undefined)
    throw folderError(folder, `it holds ${PACKED} and ${tensors}, and only one can be its weights`);
  if (!isPacked && tensors === undefined) throw folderError(folder, missingWeights(names));
  return isPacked;
}

function missingWeights(names: readonly string[]): string {
  const pickled = names.find((name) => /^(pytorch_model.*|consolidated.*)\.(bin|pth?)$/.test(name));
  return pickled === undefined
    ? `${WEIGHTS} is missing`
    : `${WEIGHTS} is missing, and ${pickled} is pickled, which could run code when it is read`;
}

function noTokenizer(folder: string, names: readonly string[]): ForgeError {
  const other = OTHER_TOKENIZERS.find((name) => names.includes(name));
  return new ForgeError(
    'AF_MODEL_FOLDER',
    `The model in ${basename(folder)} has no tokenizer.json: it cannot read or write text.`,
    {
      at: folder,
      fix:
        other === undefined
          ? 'Put the tokenizer.json of the model it was made from beside its weights.'
          : `${other} is a tokenizer of a kind that is not read: only byte-level BPE in tokenizer.json is.`,
    },
  );
}

async function listFolder(folder: string, files: FileSystem): Promise<string[]> {
  try {
    return await namesIn(folder, files);
  } catch (error) {
    throw storageError(error, 'read the model', folder);
  }
}

async function textOf(path: string, files: FileSystem): Promise<string> {
  try {
    return await readText(path, files);
  } catch (error) {
    throw storageError(error, 'read the tokenizer', path);
  }
}

async function bytesOf(path: string, files: FileSystem): Promise<Uint8Array> {
  try {
    return await readWhole(path, files);
  } catch (error) {
    throw storageError(error, 'read the model', path);
  }
}

async function typesOf(tensors: ModelTensors): Promise<Readonly<Record<string, StoredFloat>>> {
  await tensors.close();
  return Object.fromEntries(
    tensors.names.flatMap((name) => {
      const { dtype } = tensors.entry(name);
      return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' ? [[name, dtype] as const] : [];
    }),
  );
}

async function readTensors(
  tensors: ModelTensors,
  folder: string,
  described: readonly TensorDescription[] | undefined,
): Promise<TensorDict> {
  try {
    if (described !== undefined)
      checkTensors(
        tensors.names.map((name) => tensors.entry(name)),
        described,
        folder,
      );
    const weights: TensorDict = {};
    const names = described?.map(({ name }) => name) ?? tensors.names;
    for (const name of names) weights[name] = await tensors.read(name);
    return weights;
  } finally {
    await tensors.close();
  }
}
