/** A token that is found in text before anything else is cut. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Looked for after normalisation instead of before. */
  readonly normalized: boolean;
  /** Takes the white space on its left (right) with it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Only found where no letter, digit or underscore touches it. */
  readonly singleWord: boolean;
  /** Looked for in every text; otherwise in texts that may hold special tokens alone. */
  readonly inText: boolean;
}

/** What `\w` and `\s` are to the reference reader. */
const WORD = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';
const STARTS_WITH_WORD = new RegExp(`^${WORD}`, 'u');
const ENDS_WITH_WORD = new RegExp(`${WORD}$`, 'u');
const SPACE_AT_START = /^\p{White_Space}*/u;
const SPACE_AT_END = /\p{White_Space}*$/u;

/** Finds added tokens in text: leftmost first, the longest where several start. */
export class AddedTokenFinder {
  private readonly tokens: ReadonlyMap<string, AddedToken>;
  private readonly pattern: RegExp | null;

  constructor(tokens: readonly AddedToken[]) {
    this.tokens = new Map(tokens.map((token) => [token.content, token]));
    const longestFirst = [...this.tokens.keys()].sort((a, b) => b.length - a.length);
    const escaped = longestFirst.map((content) => content.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&'));
    this.pattern = escaped.length === 0 ? null : new RegExp(escaped.join('|'), 'gu');
  }

  /** Text between added tokens, and the ids of the added tokens, in order. */
  split(text: string): readonly (string | number)[] {
    if (this.pattern === null) return [text];
    const parts: (string | number)[] = [];
    let done = 0;
    for (const match of text.matchAll(this.pattern)) {
      const token = this.tokens.get(match[0])!;
      const [left, right] = [text.slice(done, match.index), text.slice(match.index + match[0].length)];
      if (match.index < done || (token.singleWord && touchesWord(text.slice(0, match.index), right)))
        continue;
      const kept = token.lstrip ? left.replace(SPACE_AT_END, '') : left;
      if (kept !== '') parts.push(kept);
      parts.push(token.id);
      const taken = token.rstrip ? SPACE_AT_START.exec(right)![0].length : 0;
      done = match.index + match[0].length + taken;
    }
    if (done < text.length) parts.push(text.slice(done));
    return parts;
  }
}

function touchesWord(left: string, right: string): boolean {
  return ENDS_WITH_WORD.test(left) || STARTS_WITH_WORD.test(right);
}
