import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { embeddingLookup } from '../layers/index.js';
import type { ThoughtMarkers } from './layout.js';

/** What a thought may be made of. */
export interface ThoughtVocabulary {
  readonly markers: ThoughtMarkers;
  /** Ids that no thought says: the markers and other special tokens. */
  readonly excluded: readonly number[];
  /** Whether END may come before T tokens were said, excluded or not; default false. START never comes. */
  readonly ending?: boolean;
}

/** Ids that are never chosen in a thought, so that what is sampled and what is judged have the same probabilities. */
export function neverChosen({ markers, excluded, ending = false }: ThoughtVocabulary): number[] {
  const ids = new Set([...excluded, markers.start, markers.end]);
  if (ending) ids.delete(markers.end);
  return [...ids].sort((a, b) => a - b);
}

/** The rows of an output head that a thought may say. */
export interface SayableHead {
  /** [V', r], with gradient */
  readonly table: Tensor2D;
  /** int32 of the same shape: rows of `table` of given ids, -1 for those that are not sayable. */
  readonly rowsOf: (ids: Tensor) => Tensor;
}

/**
 * The output head without the ids that are masked out of sampling (markers and other special tokens): probabilities over
 * it are those that thoughts are sampled with.
 *
 * @param head [V, r]
 * @param excluded ids that no thought says
 */
export function sayableHead(head: Tensor2D, excluded: readonly number[]): SayableHead {
  if (excluded.length === 0) return { table: head, rowsOf: (ids) => ids };
  const hidden = new Set(excluded);
  const vocabulary = head.shape[0];
  const sayable = Array.from({ length: vocabulary }, (_, id) => id).filter((id) => !hidden.has(id));
  const rows = new Int32Array(vocabulary).fill(-1);
  sayable.forEach((id, row) => (rows[id] = row));
  return {
    table: embeddingLookup(head, tf.tensor1d(sayable, 'int32')) as Tensor2D,
    rowsOf: (ids) =>
      tf.reshape(tf.gather(tf.tensor1d(rows, 'int32'), tf.reshape(ids, [-1]) as Tensor1D), ids.shape),
  };
}

/** float32 [V]: -1e9 for ids that are masked out of sampling, else 0. */
export function sayableMask(vocabulary: number, excluded: readonly number[]): Tensor1D {
  const mask = new Float32Array(vocabulary);
  for (const id of excluded) mask[id] = -1e9;
  return tf.tensor1d(mask);
}
