import { stripVTControlCharacters } from 'node:util';

/** Number of characters a text takes on screen, colour codes not counted. */
export function visibleWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/**
 * Text that came from outside (a model's sample, an error of a library) made safe for a terminal: control
 * characters could move the cursor or recolour the screen, so all but newline and tab are shown as escapes.
 */
export function printable(text: string): string {
  return [...text].map(printableCharacter).join('');
}

/** Every line of `text` with `prefix` before it. */
export function indent(text: string, prefix = '  '): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : prefix + line))
    .join('\n');
}

/** At most `width` characters; what is cut is marked with `...`. Only for text without colour codes. */
export function clip(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  return width <= 3 ? characters.slice(0, width).join('') : `${characters.slice(0, width - 3).join('')}...`;
}

/** `1 problem`, `2 problems`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function printableCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  if (!control || character === '\n' || character === '\t') return character;
  return `\\x${code.toString(16).padStart(2, '0')}`;
}
