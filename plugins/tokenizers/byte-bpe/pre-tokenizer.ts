import type { JsonReader } from './json-reader.js';
import { compilePattern, GPT2_PATTERN } from './pattern.js';

/** Cuts text into pieces that are encoded one by one; no token crosses a piece. */
export type PreTokenizer = (text: string) => readonly string[];

/** Cut at the matches of `pattern`: both the matches and what lies between them are pieces. */
export function isolate(pattern: RegExp): PreTokenizer {
  return (text) => {
    const pieces: string[] = [];
    let end = 0;
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      if (match.index > end) pieces.push(text.slice(end, match.index));
      if (match[0] === '') pattern.lastIndex++;
      else pieces.push(match[0]);
      end = match.index + match[0].length;
    }
    if (end < text.length) pieces.push(text.slice(end));
    return pieces;
  };
}

/** Build the pre-tokenizer that `tokenizer.json` describes. The reader turns what is unknown into a format error. */
export function readPreTokenizer(reader: JsonReader): PreTokenizer {
  const steps =
    reader.field('type').string() === 'Sequence' ? reader.field('pretokenizers').array() : [reader];
  if (!steps.some((step) => step.field('type').string() === 'ByteLevel')) {
    throw reader.error('expected a ByteLevel step: only byte-level BPE is read');
  }
  const functions = steps.map(readStep);
  return (text) =>
    functions.reduce<readonly string[]>(
      (pieces, step) => pieces.flatMap((piece) => [...step(piece)]),
      [text],
    );
}

function readStep(reader: JsonReader): PreTokenizer {
  const type = reader.field('type').string();
  if (type === 'ByteLevel') return byteLevel(reader);
  if (type === 'Digits') {
    return isolate(reader.field('individual_digits').optionalBoolean(false) ? /\p{N}/gu : /\p{N}+/gu);
  }
  if (type === 'Split') return split(reader);
  throw reader
    .field('type')
    .error(`unknown pre-tokenizer "${type}"; ByteLevel, Digits, Split and Sequence are read`);
}

/** The mapping of bytes to characters happens in the encoder; here only the cutting is left. */
function byteLevel(reader: JsonReader): PreTokenizer {
  const cut = reader.field('use_regex').optionalBoolean(true) ? isolate(compilePattern(GPT2_PATTERN)) : keep;
  if (!reader.field('add_prefix_space').optionalBoolean(true)) return cut;
  return (text) => cut(text.startsWith(' ') ? text : ` ${text}`);
}

function keep(text: string): readonly string[] {
  return text === '' ? [] : [text];
}

function split(reader: JsonReader): PreTokenizer {
  const pattern = readPattern(reader.field('pattern'));
  const behavior = reader.field('behavior').string();
  const invert = reader.field('invert').optionalBoolean(false);
  if (behavior === 'Isolated') return isolate(pattern);
  if (behavior === 'Removed') {
    return invert
      ? (text) => text.match(pattern) ?? []
      : (text) => text.split(pattern).filter((piece) => piece !== '');
  }
  throw reader.field('behavior').error(`unknown behaviour "${behavior}"; Isolated and Removed are read`);
}

function readPattern(reader: JsonReader): RegExp {
  const literal = reader.field('String');
  if (literal.isPresent) return new RegExp(literal.string().replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&'), 'gu');
  const regex = reader.field('Regex');
  try {
    return compilePattern(regex.string());
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw regex.error(`a pattern that JavaScript cannot read: ${cause.message}`, cause);
  }
}
