import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { ModelConfig } from '../../core/contracts/model.js';
import { ForgeError } from '../../core/errors/index.js';
import { checkTensors } from '../check-tensors.js';
import { openPacked, type PackedFile } from './open.js';
import { sortedJson } from './sorted-json.js';

/** What a model is called everywhere when its weights are packed. */
export const PACKED = 'model.packed';

/** What the record of a model says of its packed file. */
export interface PackedRecord {
  readonly config: ModelConfig;
  /** Tensors of the architecture with that config; without it they are not compared. */
  readonly described: readonly TensorDescription[] | null;
  /** Where it lies, for messages. */
  readonly at: string;
}

/**
 * Open the packed file of a model whose record is kept apart from it.
 *
 * @throws ForgeError AF_PACKED_FORMAT; AF_MODEL_TENSORS when the file is of another model than the record
 */
export function openPackedModel(bytes: Uint8Array, { config, described, at }: PackedRecord): PackedFile {
  const file = openPacked(bytes, at);
  const parts = partsThatDiffer(file.config, config);
  if (parts.length > 0)
    throw new ForgeError(
      'AF_MODEL_TENSORS',
      `The packed weights are of another model: they and its config do not agree on ${parts.join(', ')}.`,
      {
        at,
        fix: 'Use the config and the packed file that were written together.',
        facts: { differ: parts },
      },
    );
  const found = [...file.tensors.values()].map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
  if (described !== null) checkTensors(found, described, at);
  return file;
}

function partsThatDiffer(one: ModelConfig, other: ModelConfig): string[] {
  const parts = ['architecture', 'hyperparameters', 'quantization'] as const;
  return parts.filter((part) => sortedJson(one[part] ?? null) !== sortedJson(other[part] ?? null));
}
