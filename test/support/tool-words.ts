import { TOOL_TAGS, toolNameTag, type ToolFacts } from '../../core/contracts/tool.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';

/**
 * A tokenizer of words and signs that knows the tags of calls: id 0 ends a text, every other piece has an id of its own,
 * so that what is written can be read in a test.
 */
const PIECES = [
  ...['<eos>', ' ', '?', '.', '+', '-', '*', '/', '(', ')', '=', ';', '<', '|', '>', '"', ':', ','],
  ...Array.from({ length: 10 }, (_, digit) => String(digit)),
  ...Array.from({ length: 26 }, (_, letter) => String.fromCharCode(97 + letter)),
];
const NAMES = ['calculator', 'search'];
const SPECIALS = [...TOOL_TAGS, ...NAMES.map(toolNameTag), '<think>'];
const FIRST = PIECES.length;

export const toolWords: Tokenizer = {
  vocabularySize: FIRST + SPECIALS.length,
  special: { pad: null, bos: null, eos: 0, unk: null, mask: null },
  extended: new Map(SPECIALS.map((special, i) => [special, FIRST + i])),
  encode: (text, { specials = false } = {}) =>
    specials
      ? [...text.matchAll(/<\|?\/?[a-z-]+\|?>|[^]/g)].map(([part]) =>
          SPECIALS.includes(part) ? FIRST + SPECIALS.indexOf(part) : PIECES.indexOf(part),
        )
      : Array.from(text.toLowerCase(), (character) => PIECES.indexOf(character)),
  decode: (ids, { specials = false } = {}) =>
    Array.from(ids, (id) => (id < FIRST ? PIECES[id] : specials ? SPECIALS[id - FIRST] : '')).join(''),
  serialize: () => '{}',
};

const idOf = (special: string): number => toolWords.extended!.get(special)!;

export const toolFacts: ToolFacts = {
  tags: Object.fromEntries(TOOL_TAGS.map((tag) => [tag, idOf(tag)])),
  names: Object.fromEntries(NAMES.map((name) => [name, idOf(toolNameTag(name))])),
  most_arguments: 8,
  most_calls: 2,
};

/** Ids of a text with tags. */
export const idsOf = (text: string): number[] => toolWords.encode(text, { specials: true });

/** Text of ids, tags included. */
export const wordsOf = (ids: readonly number[]): string => toolWords.decode(ids, { specials: true });
