import { mapEstimate, ratioEstimate, windowsOf } from '../../nn/evaluation/index.js';
import { bitsPer } from './loss.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { unusable, type TextToMeasure } from './read-text.js';
import type { TextPart } from './report.js';
import type { Subject, Tell } from './subject.js';

/** Tokens below which a number would say nothing of a model. */
const LEAST_TOKENS = 16;

/** A text as a model reads it. */
export interface EncodedText extends TextToMeasure {
  /** Without a token that starts it. */
  readonly ids: readonly number[];
}

/** @throws ForgeError AF_EVALUATE_TEXT for a text of a few tokens */
export function encodeText(text: TextToMeasure, tokenizer: Tokenizer): EncodedText {
  const ids = tokenizer.encode(text.text);
  if (ids.length >= LEAST_TOKENS) return { ...text, ids };
  throw unusable(
    text.name,
    `${text.name} is too short to say anything of a model: ${ids.length} ${ids.length === 1 ? 'token' : 'tokens'}`,
    `Give a text of at least ${LEAST_TOKENS} tokens, better of some thousands.`,
  );
}

/**
 * How many bits a model needs for each byte of a text: every token of it is predicted once, from at least
 * `context - stride` tokens or all that come before. The interval is over windows.
 */
export async function textLossOf(
  subject: Subject,
  { name, text, bytes, ids: encoded }: EncodedText,
  tell: Tell,
): Promise<TextPart> {
  const { tokenizer, start, settings } = subject;
  const ids = Int32Array.from(start === null ? encoded : [start, ...encoded]);
  const lossMask = new Uint8Array(ids.length).fill(1);
  lossMask[0] = 0;
  const windows = windowsOf({ ids, lossMask }, { length: settings.context, stride: settings.stride });
  const units = await subject.losses(windows, tell);
  const tokens = units.reduce((sum, { count }) => sum + count, 0);
  const loss = ratioEstimate(units);
  const characters = codePoints(text);
  const whole = start !== null;
  return {
    ...{ kind: 'text', name, bytes, characters, tokens, windows: windows.length, loss },
    perplexity: mapEstimate(loss, Math.exp),
    bitsPerByte: whole ? bitsPer(loss, tokens, bytes) : null,
    natsPerCharacter: whole ? mapEstimate(loss, (nats) => (nats * tokens) / characters) : null,
    lossless: tokenizer.decode(encoded) === text,
    ...(whole ? {} : { reason: 'the tokenizer has no token to start with: nothing predicts the first one' }),
  };
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
