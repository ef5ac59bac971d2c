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
