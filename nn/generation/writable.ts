import type { Tokenizer } from '../../core/contracts/tokenizer.js';

/** Which ids a text may be made of. Of a text everything is made that is written for people: see {@link writableIds}. */
export interface WritableIds {
  /** Ids at or above it are never chosen: a table may have more rows than the tokenizer has ids. */
  readonly vocabulary: number;
  /** Ids below it that are never chosen either. */
  readonly never?: readonly number[];
}

/** What masked logits are: far below any other, and a number, so that engines need not know infinities. */
export const NEVER = -1e10;

/**
 * The one rule of what a model never writes: tokens for padding, for the start of a document, for the unknown and the
 * masked, and those that were added for thoughts and calls (`extend`). The end of a document is written, whatever else it
 * is used for.
 */
export function writableIds({
  vocabularySize,
  special: { eos, ...others },
  extended = new Map(),
}: Pick<Tokenizer, 'vocabularySize' | 'special' | 'extended'>): Required<WritableIds> {
  const never = new Set<number>(extended.values());
  for (const id of Object.values(others)) if (id !== null) never.add(id);
  if (eos !== null) never.delete(eos);
  return { vocabulary: vocabularySize, never: [...never].sort((a, b) => a - b) };
}

/** Logits of the ids that may be chosen; of the others {@link NEVER}. @param logits [V] @returns [vocabulary] */
export function writableLogits(
  logits: Float32Array,
  { vocabulary, never = [] }: Partial<WritableIds>,
): Float32Array {
  const known = logits.subarray(0, vocabulary);
  if (never.length === 0) return known;
  const masked = Float32Array.from(known);
  for (const id of never) if (id < masked.length) masked[id] = NEVER;
  return masked;
}

/** What to add to logits of `vocabulary` ids: 0, and {@link NEVER} where an id is not chosen; null where there is none. */
export function writableMask({ vocabulary, never = [] }: WritableIds): Float32Array | null {
  if (never.length === 0) return null;
  const mask = new Float32Array(vocabulary);
  for (const id of never) if (id < vocabulary) mask[id] = NEVER;
  return mask;
}

/** How many ids may be chosen. */
export function writableCount({ vocabulary, never = [] }: WritableIds): number {
  return vocabulary - never.filter((id) => id < vocabulary).length;
}
