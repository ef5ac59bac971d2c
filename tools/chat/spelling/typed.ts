import type { Tokenizer } from '../../../core/contracts/tokenizer.js';

/** Parts text that must not be read together. A noncharacter of Unicode: no text holds it. */
export const MARK = '\uFDD0';

/** Special tokens of a tokenizer. */
interface Specials {
  /** Finds what spells one; null where there are none. */
  readonly pattern: RegExp | null;
  /** Without that for the unknown, which is what an ordinary character may be. */
  readonly ids: ReadonlySet<number>;
}

/** Text as somebody typed it: what spells a special token in it is text, though the tokenizer finds such tokens in any text. */
export class TypedText {
  private readonly specials: Specials;

  constructor(private readonly tokenizer: Tokenizer) {
    this.specials = specialsOf(tokenizer);
  }

  /** Ids of a text; those of the tokenizer where nothing in it spells a special token. */
  ids(text: string): number[] {
    return this.marked(text)
      .split(MARK)
      .flatMap((part) => this.tokenizer.encode(part));
  }

  /** The text with marks within what spells special tokens: parts between marks spell none. */
  marked(text: string): string {
    const { pattern, ids } = this.specials;
    let cut = text.replaceAll(MARK, '');
    if (pattern !== null)
      while (pattern.test(cut))
        cut = cut.replace(pattern, (token) => `${head(token)}${MARK}${token.slice(head(token).length)}`);
    const isSafe = cut
      .split(MARK)
      .every((part) => !this.tokenizer.encode(part, { specials: true }).some((id) => ids.has(id)));
    // A tokenizer may change texts before it looks for special tokens, or hide how they are spelt.
    return isSafe ? cut : [...text.replaceAll(MARK, '')].join(MARK);
  }
}

function head(text: string): string {
  return String.fromCodePoint(text.codePointAt(0)!);
}

interface AddedToken {
  readonly content?: unknown;
  readonly special?: unknown;
}

function specialsOf(tokenizer: Tokenizer): Specials {
  const { special, extended = new Map<string, number>() } = tokenizer;
  const { unk, ...purposes } = special;
  const named = [...addedTokens(tokenizer.serialize()), ...extended.keys()];
  const known = named.map((content) => extended.get(content) ?? tokenizer.idOf?.(content) ?? null);
  const ids = [...known, ...Object.values(purposes)].filter((id) => id !== null && id !== unk);
  const texts = [...new Set(named)].filter((text) => [...text].length > 1);
  const longestFirst = texts.sort((a, b) => b.length - a.length);
  const escaped = longestFirst.map((text) => text.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&'));
  return {
    pattern: escaped.length === 0 ? null : new RegExp(escaped.join('|'), 'u'),
    ids: new Set(ids as number[]),
  };
}

/** Special tokens of a tokenizer.json; those of other files are found by their ids alone. */
function addedTokens(json: string): string[] {
  try {
    const { added_tokens: added } = JSON.parse(json) as { readonly added_tokens?: readonly AddedToken[] };
    return (added ?? []).flatMap(({ content, special }) =>
      typeof content === 'string' && special !== false ? [content] : [],
    );
  } catch {
    return [];
  }
}
