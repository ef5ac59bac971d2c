import { basename, join } from 'node:path';
import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { ModelConfig, ModelMetadata } from '../../core/contracts/model.js';
import { requireCurrentModel } from '../../core/contracts/old-record.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';
import type { Kernel } from '../../core/kernel/types.js';
import { checkTensors } from '../../storage/check-tensors.js';
import { isMissing, nodeFileSystem } from '../../storage/file-system.js';
import { storageError } from '../../storage/io-error.js';
import { isPacked, SIDECARS } from '../../storage/model-files.js';
import { openModelFolder } from '../../storage/model-folder.js';
import { openPackedModel, type PackedFile } from '../../storage/packed/index.js';
import { readText } from '../../storage/regular-file.js';
import type { TokenizerFacts } from '../../nn/models/index.js';
import { interchangesOf } from '../../storage/model-config.js';
import type { LocatedModel } from '../models/locate-model.js';

/** What a model is made from, wherever it lies. */
export interface ModelSource {
  readonly name: string;
  readonly id: string | null;
  /** Where it lies, for messages. */
  readonly at: string;
  /** Absolute path of the folder it was read from; null for a model of the registry. */
  readonly folder: string | null;
  readonly config: ModelConfig;
  /** Null for a folder that holds none. */
  readonly metadata: ModelMetadata | null;
  /** How its tokenizer is read, where that is recorded. */
  readonly tokenizerFacts: TokenizerFacts | null;
  /** Text of its tokenizer.json. @throws ForgeError when the model has none */
  readTokenizer(): Promise<string>;
  /**
   * Opens its packed weights, in which the tensors must be those that an architecture describes; null for a model whose
   * weights are floats.
   * @throws ForgeError AF_MODEL_TENSORS, AF_ARTIFACT_CORRUPT, AF_ARTIFACT_MISSING, AF_PACKED_FORMAT
   */
  readonly openPacked: ((described: readonly TensorDescription[]) => Promise<PackedFile>) | null;
  /**
   * The tensors that an architecture describes, as floats.
   * @throws ForgeError AF_MODEL_TENSORS, AF_ARTIFACT_CORRUPT, AF_ARTIFACT_MISSING, AF_SAFETENSORS_FORMAT, AF_PACKED_FORMAT,
   * AF_PLUGIN_UNKNOWN naming a compressor that is not there
   */
  readWeights(described: readonly TensorDescription[]): Promise<TensorDict>;
  /** Text of a side file; null where the model has none of that purpose. @throws ForgeError AF_ARTIFACT_CORRUPT */
  readSidecar(purpose: string): Promise<string | null>;
}

/** @throws ForgeError AF_MODEL_FOLDER, AF_MODEL_CONFIG, AF_MODEL_METADATA, AF_MODEL_OLD_RECORD */
export async function sourceOf(located: LocatedModel, kernel: Kernel): Promise<ModelSource> {
  return located.kind === 'folder' ? folderSource(located.folder, kernel) : registrySource(located, kernel);
}

async function registrySource(
  { model }: Extract<LocatedModel, { kind: 'registry' }>,
  kernel: Kernel,
): Promise<ModelSource> {
  const { artifacts } = await kernel.storage();
  const { id, name, config, metadata, tokenizer, weights, sidecars } = model;
  const at = `model ${id}`;
  requireCurrentModel(metadata, at);
  const openPacked = async (described: readonly TensorDescription[]): Promise<PackedFile> =>
    openPackedModel(await artifacts.read(weights), { config, described, at });
  return {
    ...{ id, name, config, metadata, at, folder: null, tokenizerFacts: metadata },
    openPacked: isPacked(model) ? openPacked : null,
    readTokenizer: async () => {
      if (tokenizer !== null) return artifacts.readText(tokenizer);
      throw new ForgeError(
        'AF_ARTIFACT_MISSING',
        `Model ${name} has no tokenizer: it cannot read or write text.`,
        { at, fix: 'Choose a model that was trained on text: agentforge models.' },
      );
    },
    readWeights: async (described) => {
      if (isPacked(model)) return floatsOf(kernel, await openPacked(described), described);
      const read = await artifacts.readTensors(weights);
      checkTensors(
        Object.entries(read).map(([tensor, { shape, dtype }]) => ({ name: tensor, shape, dtype })),
        described,
        at,
      );
      return read;
    },
    readSidecar: async (purpose) => {
      const file = sidecars[purpose];
      return file === undefined ? null : artifacts.readText(file);
    },
  };
}

async function folderSource(path: string, kernel: Kernel): Promise<ModelSource> {
  const opened = await openModelFolder(path, { interchanges: interchangesOf(kernel) });
  const { folder, config, metadata, special } = opened;
  const name = metadata?.model_name ?? basename(folder);
  return {
    ...{ id: metadata?.model_id ?? null, name, config, metadata, at: folder, folder },
    tokenizerFacts: metadata ?? { tokenizer_kind: null, special_tokens: special },
    openPacked: opened.isPacked ? (described) => opened.openPacked(described) : null,
    readWeights: async (described) =>
      opened.isPacked
        ? floatsOf(kernel, await opened.openPacked(described), described)
        : opened.readWeights(described),
    readTokenizer: () => Promise.resolve(opened.requireTokenizer()),
    readSidecar: (purpose) => sidecarOf(folder, purpose),
  };
}

async function floatsOf(
  kernel: Kernel,
  file: PackedFile,
  described: readonly TensorDescription[],
): Promise<TensorDict> {
  const { storedWeights } = await import('../../nn/quantization/index.js');
  return storedWeights(
    kernel,
    file,
    described.map(({ name }) => name),
  );
}

/** The one file of a purpose in a folder: what it is called is recorded in the registry alone. */
async function sidecarOf(folder: string, purpose: string): Promise<string | null> {
  const below = join(folder, SIDECARS, purpose);
  try {
    const [name, other] = await nodeFileSystem.readdir(below);
    return name === undefined || other !== undefined ? null : await readText(join(below, name));
  } catch (error) {
    if (isMissing(error)) return null;
    throw storageError(error, 'read the side file', below);
  }
}
