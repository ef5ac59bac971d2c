import { basename } from 'node:path';
import { ARCHITECTURE, type Architecture } from '../../../../core/contracts/architecture.js';
import type { DataFacts } from '../../../../core/contracts/data-facts.js';
import type { ModelConfig } from '../../../../core/contracts/model.js';
import type { PlanContext } from '../../../../core/contracts/phase.js';
import { TOKENIZER, type Tokenizer } from '../../../../core/contracts/tokenizer.js';
import type { StoredFloat } from '../../../../core/contracts/store.js';
import type { HostTensor, TensorDict } from '../../../../core/contracts/tensor.js';
import { ForgeError, nearest } from '../../../../core/errors/index.js';
import { checkVocabulary, loadTokenizer } from '../../../../nn/models/index.js';
import {
  checkTensors,
  interchangesOf,
  openModelFolder,
  type ModelFolder,
} from '../../../../storage/index.js';

/** A model in a folder that a phase goes on from: read and checked, but for its numbers. */
export interface StartingModel {
  /** Absolute path. */
  readonly folder: string;
  /** Its id, where its metadata says one. */
  readonly id: string | null;
  /** What it was trained on, where its metadata says that. */
  readonly data: DataFacts | null;
  readonly architecture: Architecture;
  /** Hyper-parameters validated, defaults filled in. */
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  /** Name of the plugin that reads it. */
  readonly tokenizerKind: string;
  /** Its weights in float32. @throws ForgeError AF_SAFETENSORS_FORMAT, AF_ARTIFACT_CORRUPT */
  readWeights(): Promise<TensorDict>;
  /**
   * What to store weights as that were made from these: a tensor that is bit by bit as it was keeps the type of the
   * folder and so its bytes; what was trained is float32.
   */
  storedTypes(weights: TensorDict): Promise<Readonly<Record<string, StoredFloat>>>;
}

/**
 * Open a folder that the user brings: a model that was exported or merged, or a checkpoint of another program that an
 * architecture reads. Config, headers of the weights and tokenizer are checked against each other; nothing is loaded.
 *
 * @param folder absolute path
 * @param changes hyper-parameters to lay over those of the folder: constants, never shapes
 * @param at config path of the changes, for messages
 * @throws ForgeError AF_MODEL_FOLDER, AF_MODEL_CONFIG (also for a quantised model, which training as plain floats would
 * misread), AF_MODEL_TENSORS, AF_MODEL_TOKENIZER, AF_TOKENIZER_FORMAT, AF_SAFETENSORS_FORMAT, AF_PLUGIN_UNKNOWN when its architecture is not there
 */
export async function openStartingModel(
  context: Pick<PlanContext, 'resolve' | 'names' | 'validate'>,
  folder: string,
  changes: Readonly<Record<string, unknown>>,
  at: string,
): Promise<StartingModel> {
  const opened = await openModelFolder(folder, { interchanges: interchangesOf(context) });
  requireFloats(opened);
  const { architecture: name, hyperparameters: own } = opened.config;
  const architecture = architectureOf(context, name, folder);
  const written = { ...own, ...changes };
  const hyperparameters = context.validate(architecture.configSchema, written, at) as Record<string, unknown>;
  const described = architecture.describe(hyperparameters);
  const tensors = await opened.openTensors();
  await tensors.close();
  checkTensors(
    tensors.names.map((each) => tensors.entry(each)),
    described,
    folder,
  );
  const model = { name: basename(folder), id: null, at: folder };
  const facts = opened.metadata ?? { tokenizer_kind: null, special_tokens: opened.special };
  const { tokenizer, kind: tokenizerKind } = loadTokenizer(
    { ...model, metadata: facts },
    opened.requireTokenizer(),
    {
      names: context.names(TOKENIZER),
      resolve: (kind) => context.resolve(TOKENIZER, kind),
    },
  );
  checkVocabulary(model, tokenizer, architecture.vocabularySize(hyperparameters));
  return {
    ...{ folder, id: opened.metadata?.model_id ?? null, architecture, tokenizer, tokenizerKind },
    config: { architecture: name, hyperparameters },
    data: opened.metadata?.data ?? null,
    readWeights: () => opened.readWeights(described),
    storedTypes: async (weights) => {
      const [types, before] = [await opened.storedTypes(), await opened.readWeights(described)];
      const kept = Object.entries(types).filter(([tensor]) => sameBits(before[tensor], weights[tensor]));
      return Object.fromEntries(kept);
    },
  };
}

function requireFloats({ folder, config, isPacked, metadata }: ModelFolder): void {
  const { quantization } = config;
  if (quantization === undefined && !isPacked) return;
  const parents = metadata?.parent_model_ids ?? [];
  throw new ForgeError(
    'AF_MODEL_CONFIG',
    `The model in ${basename(folder)} is ${isPacked ? 'packed' : 'quantised'}: a phase goes on from plain float weights.`,
    {
      at: folder,
      fix: `Export the model that it was made from${parents.length === 0 ? '' : ` (${parents.join(', ')})`}, and name that folder.`,
      facts: { weights: quantization?.weights ?? null, parents },
    },
  );
}

function sameBits(a: HostTensor | undefined, b: HostTensor | undefined): boolean {
  if (a === undefined || b === undefined || a.data.byteLength !== b.data.byteLength) return false;
  const bytes = ({ data }: HostTensor): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return bytes(a).equals(bytes(b));
}

function architectureOf(
  context: Pick<PlanContext, 'resolve' | 'names'>,
  name: string,
  folder: string,
): Architecture {
  const known = context.names(ARCHITECTURE);
  if (known.includes(name)) return context.resolve(ARCHITECTURE, name);
  const suggestion = nearest(name, known);
  throw new ForgeError(
    'AF_PLUGIN_UNKNOWN',
    `The architecture "${name}" of ${basename(folder)} is not there.`,
    {
      at: folder,
      fix: `List the plugin that provides it under \`plugins\` of the config. Known: ${known.join(', ')}.`,
      facts: { architecture: name, known, suggestion: suggestion ?? null },
    },
  );
}
