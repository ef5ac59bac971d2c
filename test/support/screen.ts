/**
 * What a terminal shows after `text` was written to it: understands newline, carriage return and "erase line", which
 * is all the console sink uses. An unknown escape makes the test fail loudly.
 */
export function screen(text: string): string[] {
  const lines = [''];
  let column = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\n') {
      lines.push('');
      column = 0;
    } else if (character === '\r') column = 0;
    else if (text.startsWith('\u001b[2K', i)) {
      lines[lines.length - 1] = '';
      i += 3;
    } else if (character === '\u001b') throw new Error(`unknown escape at ${i}`);
    else {
      const line = (lines.at(-1) ?? '').padEnd(column, ' ');
      lines[lines.length - 1] = line.slice(0, column) + character + line.slice(column + 1);
      column++;
    }
  }
  return lines;
}
