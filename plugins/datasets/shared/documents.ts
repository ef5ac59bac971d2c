import { cutBySize } from '../../../nn/data/cut-text.js';

/** Characters of the longest document that is kept in one piece. */
export const LONGEST_DOCUMENT = 1 << 24;

/** Parts of a text as far as it has come; the last one may go on. */
export type Cut = (content: string) => readonly string[];

/**
 * Cut a text that comes in pieces into documents, without white space around them; empty ones are dropped. Lines may end
 * as on any system. The same documents whatever the pieces, as long as `cut` decides by what it has seen.
 */
export async function* documentsOf(pieces: AsyncIterable<string>, cut: Cut): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of withPlainLineEnds(pieces)) {
    const parts = cut(rest + piece);
    rest = parts.at(-1)!;
    yield* parts
      .slice(0, -1)
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }
  const last = rest.trim();
  if (last !== '') yield last;
}

/** Cut further what is longer than a document may be. @param onLong told of every such part */
export function atMost(cut: Cut, longest: number, onLong: () => void): Cut {
  return (content) =>
    cut(content).flatMap((part) => {
      if (part.length > longest) onLong();
      return cutBySize(part, longest);
    });
}

async function* withPlainLineEnds(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const piece of pieces) {
    const text = held + piece;
    // The other half of a line end may be in the next piece.
    held = text.endsWith('\r') ? '\r' : '';
    yield text.slice(0, text.length - held.length).replace(/\r\n?/g, '\n');
  }
  if (held !== '') yield '\n';
}
