import type { Terminal } from '../../../core/contracts/terminal.js';

const CLEAR_LINE = '\r\u001b[2K';

/** The last line of a terminal, kept below whatever else is printed. */
export class LiveLine {
  private shown = '';

  constructor(private readonly terminal: Terminal) {}

  show(line: string): void {
    this.terminal.write(CLEAR_LINE + line);
    this.shown = line;
  }

  /** Print lines where the live line stands and draw it again below them. */
  above(lines: readonly string[]): void {
    const printed = lines.map((line) => `${line}\n`).join('');
    this.terminal.write(this.shown === '' ? printed : CLEAR_LINE + printed + this.shown);
  }

  clear(): void {
    if (this.shown !== '') this.terminal.write(CLEAR_LINE);
    this.shown = '';
  }
}
