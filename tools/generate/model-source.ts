import { basename } from 'node:path';
import type { ModelConfig, ModelMetadata } from '../../core/contracts/model.js';
import { requireCurrentModel } from '../../core/contracts/old-record.js';
import type { Storage } from '../../core/contracts/storage.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';
import { openModelFolder } from '../../storage/model-folder.js';
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
  /** Text of its tokenizer.json. @throws ForgeError when the model has none */
  readTokenizer(): Promise<string>;
  /** @throws ForgeError AF_ARTIFACT_CORRUPT, AF_ARTIFACT_MISSING, AF_SAFETENSORS_FORMAT */
  readWeights(): Promise<TensorDict>;
}

/** @throws ForgeError AF_MODEL_FOLDER, AF_MODEL_METADATA, AF_MODEL_OLD_RECORD */
export async function sourceOf(located: LocatedModel, storage: () => Promise<Storage>): Promise<ModelSource> {
  return located.kind === 'folder' ? folderSource(located.folder) : registrySource(located, storage);
}

async function registrySource(
  { model }: Extract<LocatedModel, { kind: 'registry' }>,
  storage: () => Promise<Storage>,
): Promise<ModelSource> {
  const { artifacts } = await storage();
  requireCurrentModel(model.metadata, `model ${model.id}`);
  const { id, name, config, metadata, tokenizer, weights } = model;
  return {
    ...{ id, name, config, metadata, at: `model ${id}`, folder: null },
    readTokenizer: async () => {
      if (tokenizer !== null) return artifacts.readText(tokenizer);
      throw new ForgeError(
        'AF_ARTIFACT_MISSING',
        `Model ${name} has no tokenizer: it cannot read or write text.`,
        { at: `model ${id}`, fix: 'Choose a model that was trained on text: agentforge models.' },
      );
    },
    readWeights: () => artifacts.readTensors(weights),
  };
}

async function folderSource(path: string): Promise<ModelSource> {
  const opened = await openModelFolder(path);
  const { folder, config, metadata, tokenizer } = opened;
  const name = metadata?.model_name ?? basename(folder);
  return {
    ...{ id: metadata?.model_id ?? null, name, config, metadata, at: folder, folder },
    readWeights: () => opened.readWeights(),
    readTokenizer: async () => {
      if (tokenizer !== null) return tokenizer;
      throw new ForgeError(
        'AF_MODEL_FOLDER',
        `The model in ${basename(folder)} has no tokenizer: it cannot read or write text.`,
        { at: folder, fix: 'Put the tokenizer.json of the model it was made from beside its weights.' },
      );
    },
  };
}
