/**
 * Split patterns. `tokenizer.json` holds patterns in the dialect of the reference reader (Oniguruma); JavaScript's
 * `u` mode lacks possessive quantifiers and inline case-insensitive groups and has another idea of white space.
 */

const CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d";
const REST = ' ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+';

/** The GPT-2 pattern (Radford et al. 2019): words take their leading space, numbers are one piece. */
export const GPT2_PATTERN = `${CONTRACTIONS}| ?\\p{L}+| ?\\p{N}+|${REST}`;

/** The same with every digit a piece of its own, so that arithmetic is learnt digit by digit. */
export const DIGITS_PATTERN = `${CONTRACTIONS}| ?\\p{L}+|\\p{N}|${REST}`;

/** Escapes that mean something else in JavaScript than in Oniguruma. */
const ESCAPES: Readonly<Record<string, string>> = {
  s: '\\p{White_Space}',
  S: '\\P{White_Space}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
};
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/;

/**
 * Translate a pattern to a JavaScript regular expression with flags `gu`. Dropping the `+` of a possessive
 * quantifier keeps the pieces the same for the patterns in use, whose alternatives need no backtracking there.
 * @throws SyntaxError when the pattern uses what JavaScript does not know.
 */
export function compilePattern(source: string): RegExp {
  let out = '';
  let at = 0;
  let inClass = false;
  const caseless: number[] = [];
  let depth = 0;
  while (at < source.length) {
    if (!inClass && source.startsWith('(?i:', at)) {
      depth++;
      caseless.push(depth);
      out += '(?:';
      at += 4;
      continue;
    }
    const unit = nextUnit(source, at);
    at += unit.length;
    if (unit === '[') inClass = true;
    else if (unit === ']') inClass = false;
    else if (!inClass && unit === '(') depth++;
    else if (!inClass && unit === ')') {
      if (caseless.at(-1) === depth) caseless.pop();
      depth--;
    }
    out += translateUnit(unit, inClass, caseless.length > 0);
    if (!inClass && '*+?}'.includes(unit) && source[at] === '+') at++;
  }
  return new RegExp(out, 'gu');
}

/** One escape (with its property name) or one code point. */
function nextUnit(source: string, at: number): string {
  if (source[at] !== '\\') return String.fromCodePoint(source.codePointAt(at)!);
  const property = /^\\[pP]\{[^}]*\}/.exec(source.slice(at, at + 40));
  return property ? property[0] : source.slice(at, at + 2);
}

function translateUnit(unit: string, inClass: boolean, caseless: boolean): string {
  if (unit.length === 2 && unit[0] === '\\') {
    const escaped = unit[1]!;
    if (ESCAPES[escaped] !== undefined) return ESCAPES[escaped];
    const plain = !/[A-Za-z0-9]/.test(escaped) && !SYNTAX.test(escaped) && !(inClass && escaped === '-');
    return plain ? escaped : unit;
  }
  if (!caseless || unit.startsWith('\\')) return unit;
  const lower = unit.toLowerCase();
  const upper = unit.toUpperCase();
  if (lower === upper) return unit;
  return inClass ? lower + upper : `[${lower}${upper}]`;
}
