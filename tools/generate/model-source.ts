import { basename } from 'node:path';
import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { ModelConfig, ModelMetadata } from '../../core/contracts/model.js';
import { requireCurrentModel } from '../../core/contracts/old-record.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';
import type { Kernel } from '../../core/kernel/types.js';
import { checkTensors } from '../../storage/check-tensors.js';
import { openModelFolder } from '../../storage/model-folder.js';
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
   * The tensors that an architecture describes.
   * @throws ForgeError AF_MODEL_TENSORS, AF_ARTIFACT_CORRUPT, AF_ARTIFACT_MISSING, AF_SAFETENSORS_FORMAT
   */
  readWeights(described: readonly TensorDescription[]): Promise<TensorDict>;
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
  const { id, name, config, metadata, tokenizer, weights } = model;
  const at = `model ${id}`;
  requireCurrentModel(metadata, at);
  return {
    ...{ id, name, config, metadata, at, folder: null, tokenizerFacts: metadata },
    readTokenizer: async () => {
      if (tokenizer !== null) return artifacts.readText(tokenizer);
      throw new ForgeError(
        'AF_ARTIFACT_MISSING',
        `Model ${name} has no tokenizer: it cannot read or write text.`,
        { at, fix: 'Choose a model that was trained on text: agentforge models.' },
      );
    },
    readWeights: async (described) => {
      const read = await artifacts.readTensors(weights);
      checkTensors(
        Object.entries(read).map(([tensor, { shape, dtype }]) => ({ name: tensor, shape, dtype })),
        described,
        at,
      );
      return read;
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
    readWeights: (described) => opened.readWeights(described),
    readTokenizer: () => Promise.resolve(opened.requireTokenizer()),
  };
}
