import { contentHash } from './content-hash.js';

/** Characters a document must have to be cut into a training and a held-out part. */
const LEAST_TO_CUT = 100;
/** Characters of the shortest held-out part, and of a document whose two halves are still worth measuring. */
const LEAST_HELD_OUT = 40;
/** Held-out parts are about as long as documents usually are. */
const USUAL_LENGTH = 2000;

/**
 * Parts of at most `size` characters, each ending at a blank line, else a line, else a word, in its last half; where
 * there is none, anywhere but inside a character.
 */
export function cutBySize(content: string, size: number): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  while (content.length - start > size) {
    const end = start + lastBorder(content.slice(start, start + size), Math.floor(size / 2));
    parts.push(content.slice(start, end));
    start = end;
  }
  parts.push(content.slice(start));
  return parts;
}

/** End of the last paragraph, line or word that ends at `least` or later; the end of the text where there is none. */
function lastBorder(part: string, least: number): number {
  for (const border of ['\n\n', '\n', ' ']) {
    const at = part.lastIndexOf(border);
    if (at >= least) return at + border.length;
  }
  const splitsPair = /[\uD800-\uDBFF]$/.test(part) && part.length > 1;
  return splitsPair ? part.length - 1 : part.length;
}

/** One document as a beginning to train on and an end to hold out. */
export interface CutText {
  readonly train: string;
  /** At least two parts, all different, none equal to the beginning. */
  readonly heldout: readonly string[];
}

/**
 * Cut one document by position: about the last `share` of it is held out, in two parts or more. Null where it is too
 * short, or repeats itself so that its parts would be equal.
 */
export function cutByPosition(text: string, share: number): CutText | null {
  if (text.length < LEAST_TO_CUT) return null;
  const beginning = text.length - Math.max(LEAST_HELD_OUT, Math.round(share * text.length));
  const at = lastBorder(text.slice(0, beginning), Math.floor(beginning / 2));
  const rest = text.slice(at).trim();
  const parts = rest.length > 2 * USUAL_LENGTH ? trimmed(cutBySize(rest, USUAL_LENGTH)) : (halve(rest) ?? []);
  const train = text.slice(0, at).trim();
  const heldout = distinct(parts).filter((part) => contentHash(part) !== contentHash(train));
  return train === '' || heldout.length < 2 ? null : { train, heldout };
}

/** Two different halves of a text, cut at a border near its middle; null where there are none. */
export function halve(text: string): readonly [string, string] | null {
  if (text.length < LEAST_HELD_OUT) return null;
  const middle = Math.ceil(text.length / 2);
  const at = lastBorder(text.slice(0, middle), Math.floor(middle / 2));
  const [first, second] = distinct(trimmed([text.slice(0, at), text.slice(at)]));
  return first === undefined || second === undefined ? null : [first, second];
}

function trimmed(parts: readonly string[]): readonly string[] {
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function distinct(parts: readonly string[]): readonly string[] {
  return [...new Map(parts.map((part) => [contentHash(part), part])).values()];
}
