import { createRequire } from 'node:module';

// Required: an import of CommonJS is first searched for its exports, and every command of the command line waits.
const stringWidth = createRequire(import.meta.url)('string-width') as (text: string) => number;

/** Columns a text takes on screen: wide characters and emoji take two, colour codes none. */
export function visibleWidth(text: string): number {
  return stringWidth(text);
}

/** At most `width` columns; what is cut off the end is marked with `...`. Only for text without colour codes. */
export function clip(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  return width <= MARK.length ? head(text, width) : head(text, width - MARK.length) + MARK;
}

/** At most `width` columns; what is cut out of the middle is marked with `...`: paths keep where they start and end. */
export function clipMiddle(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  const room = width - MARK.length;
  if (room < 2) return clip(text, width);
  const start = head(text, Math.floor(room / 2));
  return start + MARK + tail(text, room - visibleWidth(start));
}

/** Lines of at most `width` columns, broken between words; a word that is longer than a line is broken anywhere. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(2, width)));
}

function wrapLine(line: string, width: number): string[] {
  if (visibleWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const joined = lines.length === 0 && current === '' ? word : `${current} ${word}`;
    if (visibleWidth(joined) <= width) {
      current = joined;
      continue;
    }
    if (current !== '') lines.push(current);
    current = word;
    while (visibleWidth(current) > width) {
      const start = head(current, width);
      lines.push(start);
      current = current.slice(start.length);
    }
  }
  return [...lines, current];
}

const MARK = '...';

/** The first characters, as a reader sees them, that take at most `width` columns. */
function head(text: string, width: number): string {
  return take(charactersOf(text), width).join('');
}

function tail(text: string, width: number): string {
  return take(charactersOf(text).reverse(), width).reverse().join('');
}

function take(characters: readonly string[], width: number): string[] {
  let used = 0;
  const end = characters.findIndex((character) => (used += visibleWidth(character)) > width);
  return end < 0 ? [...characters] : characters.slice(0, end);
}

/** Not code points: an emoji or an accented letter may have several, and half of one is another character. */
function charactersOf(text: string): string[] {
  return [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
}
