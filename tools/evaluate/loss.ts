import { toDocument } from '../../nn/data/index.js';
import type { DataRecord } from '../../core/contracts/dataset.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import {
  mapEstimate,
  ratioEstimate,
  windowsOf,
  type Estimate,
  type UnitSum,
} from '../../nn/evaluation/index.js';
import type { MeasuredSet } from './held-out.js';
import type { LossPart } from './report.js';
import type { Subject, Tell } from './subject.js';

/**
 * Mean negative log-likelihood of the first documents of a dataset. One that is longer than the context is read in
 * windows. Its interval is over documents.
 *
 * @param answerOnly of questions only the answers count
 */
export async function lossOf(
  subject: Subject,
  { name, records, standing, reason }: MeasuredSet,
  answerOnly: boolean,
  tell: Tell,
): Promise<LossPart> {
  const { documents: most } = subject.settings;
  const units = await documentSums(subject, records.slice(0, most), answerOnly, tell);
  const tokens = units.reduce((sum, { count }) => sum + count, 0);
  const loss = tokens === 0 ? null : ratioEstimate(units);
  const bytes = loss === null ? null : predictedBytes(subject, records.slice(0, most), answerOnly);
  const unmeasured = loss === null ? (reason ?? 'nothing in it is to be predicted') : undefined;
  const unsized =
    bytes === null
      ? 'the tokenizer loses bytes, or the first token of a document: no bits per byte'
      : undefined;
  const why = unmeasured ?? unsized;
  return {
    ...{ kind: 'loss', name, standing, available: records.length, tokens, loss },
    documents: units.filter(({ count }) => count > 0).length,
    perplexity: loss && mapEstimate(loss, Math.exp),
    bitsPerByte: loss === null || bytes === null ? null : bitsPer(loss, tokens, bytes),
    ...(why === undefined ? {} : { reason: why }),
  };
}

/** Nats per token as bits for each of `pieces`. */
export function bitsPer(loss: Estimate, tokens: number, pieces: number): Estimate {
  return mapEstimate(loss, (nats) => (nats * tokens) / Math.LN2 / pieces);
}

/** Per record. */
async function documentSums(
  subject: Subject,
  records: readonly DataRecord[],
  answerOnly: boolean,
  tell: Tell,
): Promise<readonly UnitSum[]> {
  const { context: length, stride } = subject.settings;
  const tokenizer = starting(subject);
  const owners: number[] = [];
  const windows = records.flatMap((record, owner) => {
    const parts = windowsOf(toDocument(record, tokenizer, { answerOnly, bos: true }), { length, stride });
    owners.push(...parts.map(() => owner));
    return parts;
  });
  const sums = records.map(() => ({ sum: 0, count: 0 }));
  if (windows.length === 0) return sums;
  for (const [i, { sum, count }] of (await subject.losses(windows, tell)).entries()) {
    sums[owners[i]!]!.sum += sum;
    sums[owners[i]!]!.count += count;
  }
  return sums;
}

/** The tokenizer with an id before every document. */
function starting({ tokenizer, start }: Subject): Pick<Tokenizer, 'encode' | 'special'> {
  return { encode: (text) => tokenizer.encode(text), special: { ...tokenizer.special, bos: start } };
}

/** UTF-8 bytes of what is predicted; null where the tokens are not all of it. */
function predictedBytes(
  { tokenizer, start }: Subject,
  records: readonly DataRecord[],
  answerOnly: boolean,
): number | null {
  if (start === null) return null;
  let bytes = 0;
  for (const { text, input, output } of records) {
    const predicted = answerOnly && input !== undefined && output !== undefined ? output : text;
    if (tokenizer.decode(tokenizer.encode(predicted)) !== predicted) return null;
    bytes += Buffer.byteLength(predicted);
  }
  return bytes === 0 ? null : bytes;
}
