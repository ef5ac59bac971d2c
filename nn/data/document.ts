import type { DataRecord } from '../../core/contracts/dataset.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';

/** A tokenised record. */
export interface Document {
  readonly ids: Int32Array;
  /** Per token: 1 when predicting this token counts in the loss. */
  readonly lossMask: Uint8Array;
}

export interface DocumentOptions {
  /** Of a record with input and output only the output (and the end) counts. Default true. */
  readonly answerOnly?: boolean;
  /** Put the tokenizer's bos in front, so that a model can start from nothing. Default false. */
  readonly bos?: boolean;
}

/**
 * Tokenise a record. Input and output are encoded apart, so that a prompt gives the same ids in training and in
 * generation. The document ends with the tokenizer's eos, where it has one.
 */
export function toDocument(
  record: DataRecord,
  tokenizer: Pick<Tokenizer, 'encode' | 'special'>,
  options: DocumentOptions = {},
): Document {
  const { bos, eos } = tokenizer.special;
  const answerOnly = options.answerOnly ?? true;
  const isAnswer = record.input !== undefined && record.output !== undefined;
  const before = isAnswer ? tokenizer.encode(record.input) : [];
  const after = tokenizer.encode(isAnswer ? record.output : record.text);
  const start = options.bos && bos !== null ? [bos] : [];
  const end = eos !== null ? [eos] : [];
  const ids = Int32Array.from([...start, ...before, ...after, ...end]);
  const lossMask = new Uint8Array(ids.length).fill(1);
  lossMask.fill(0, 0, start.length + (answerOnly ? before.length : 0));
  return { ids, lossMask };
}
