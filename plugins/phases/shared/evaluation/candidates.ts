import type { DataRecord } from '../../../../core/contracts/dataset.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import { contentOrder, toDocument, type SplitSides } from '../../../../nn/data/index.js';
import type { ScoredDocument } from '../../../../nn/evaluation/index.js';

/** A held-out document that may be scored. */
export interface Candidate {
  readonly dataset: string;
  readonly record: DataRecord;
  readonly document: ScoredDocument;
  /** Equal for documents that must stay together. */
  readonly key: string;
}

export interface CandidateOptions {
  readonly answerOnly: boolean;
  /** Marks where the final answer begins; null: working and all is the answer. */
  readonly mark: string | null;
}

/** Held-out records as documents; those in which nothing is to be predicted are left out. */
export function candidatesOf(
  { name, heldout, heldoutKeys }: SplitSides,
  tokenizer: Tokenizer,
  { answerOnly, mark }: CandidateOptions,
): readonly Candidate[] {
  return heldout.flatMap((record, i) => {
    const document = toDocument(record, tokenizer, { answerOnly, bos: true });
    if (!document.lossMask.includes(1, 1)) return [];
    const start = answerStart(record, tokenizer, document.ids.length, mark);
    return [{ dataset: name, record, document: { ...document, answerStart: start }, key: heldoutKeys[i]! }];
  });
}

/** First token after the answer mark, or of the whole output where there is none; null without an output. */
function answerStart(
  { input, output }: DataRecord,
  tokenizer: Tokenizer,
  length: number,
  mark: string | null,
): number | null {
  if (input === undefined || output === undefined) return null;
  const ids = tokenizer.encode(output);
  const first = length - ids.length - (tokenizer.special.eos === null ? 0 : 1);
  const known = mark !== null && output.includes(mark) ? tokensUpTo(mark, ids, tokenizer) : 0;
  // Nothing is predicted before the first token of a document.
  return first + known === 0 || first + known >= length ? null : first + known;
}

/** How many tokens it takes until the mark is complete; none where a tokenizer does not give it back. */
function tokensUpTo(mark: string, ids: readonly number[], tokenizer: Tokenizer): number {
  for (let known = 1; known <= ids.length; known++)
    if (tokenizer.decode(ids.slice(0, known)).includes(mark)) return known;
  return 0;
}

export interface Fitting {
  readonly fitting: readonly Candidate[];
  readonly warnings: readonly string[];
}

/**
 * Documents that fit a row. Where none of a dataset does, or too few over all to have some locked and some free, the others
 * are cut to a row instead of left out.
 */
export function whatFits(
  candidates: readonly Candidate[],
  {
    names,
    locked,
    length,
  }: { readonly names: readonly string[]; readonly locked: ReadonlySet<string>; readonly length: number },
): Fitting {
  const whole = candidates.filter(({ document }) => document.ids.length <= length);
  const few = whole.every(({ key }) => locked.has(key)) || !whole.some(({ key }) => locked.has(key));
  const warnings: string[] = [];
  const fitting = names.flatMap((name) => {
    const own = candidates.filter(({ dataset }) => dataset === name);
    const fits = whole.filter(({ dataset }) => dataset === name);
    const left = own.length - fits.length;
    if (left === 0) return own;
    const which = `${left} of ${own.length} held-out documents of ${name} are longer than ${length} tokens`;
    if (fits.length > 0 && !few) {
      warnings.push(`${which} and were left out.`);
      return fits;
    }
    warnings.push(`${which}: texts count up to there, of questions the end.`);
    return own.map((candidate) => cutTo(candidate, length));
  });
  return { fitting, warnings };
}

/** The beginning of a text, the end of a question: what is asked for stands there. */
function cutTo(candidate: Candidate, length: number): Candidate {
  const { ids, lossMask, answerStart } = candidate.document;
  const from = candidate.record.input === undefined ? 0 : Math.max(0, ids.length - length);
  const start = answerStart === null || answerStart - from < 1 ? null : answerStart - from;
  const document = {
    ids: ids.slice(from, from + length),
    lossMask: lossMask.slice(from, from + length),
    answerStart: start,
  };
  return { ...candidate, document };
}

/** Documents of about `tokens` tokens, the same share of every dataset (one document at least), in an order of their content. */
export function spread(
  candidates: readonly Candidate[],
  names: readonly string[],
  tokens: number,
): Candidate[] {
  return names.flatMap((name) => {
    const own = candidates.filter(({ dataset }) => dataset === name);
    let left = tokens / names.length;
    return contentOrder(own, ({ key, record }) => `${key} ${record.text}`).flatMap((candidate) => {
      if (left <= 0) return [];
      left -= candidate.document.ids.length;
      return [candidate];
    });
  });
}
