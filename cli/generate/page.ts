import { formatCount, printable, styleOf, terminalOf } from '../../plugins/sinks/console/terminal/index.js';
import type { GeneratedText, WrittenThoughts } from '../../tools/index.js';
import type { CommandContext } from '../command.js';

/**
 * Where a text appears while it is written. On a terminal it stands behind its prompt, and prompt, thoughts and
 * calls are dim; a pipe gets the text alone, with thoughts and calls between their tags where they are shown. `--json` prints nothing on the way.
 */
export class Page {
  constructor(private readonly context: CommandContext) {}

  prompt(prompt: string): void {
    if (this.context.terminal.interactive) this.dim(prompt);
  }

  text(piece: string): void {
    this.write(this.context.terminal.interactive ? printable(piece) : piece);
  }

  /** A piece of a thought, a call or a result. */
  aside(piece: string): void {
    if (this.context.terminal.interactive) this.dim(piece);
    else this.write(piece);
  }

  /** The last line, and on the standard error what thoughts cost. */
  end({ thoughts }: GeneratedText): void {
    this.write('\n');
    const { io, json } = this.context;
    if (json || thoughts === null) return;
    io.stderr.write(`${styleOf(terminalOf(io.stderr, io.env)).dim(costOf(thoughts))}\n`);
  }

  private dim(text: string): void {
    this.write(styleOf(this.context.terminal).dim(printable(text)));
  }

  private write(text: string): void {
    if (!this.context.json) this.context.io.stdout.write(text);
  }
}

function costOf({ count, tokens, tokenShare, timeShare, density }: WrittenThoughts): string {
  const thoughts = `${formatCount(count)} ${count === 1 ? 'thought' : 'thoughts'}`;
  if (count === 0 || density === null) return `${thoughts}.`;
  const percent = (share: number | null): string => `${Math.round(100 * (share ?? 0))}%`;
  const rate = `one per ${(1 / density).toFixed(1)} tokens of text`;
  return `${thoughts} (${rate}): ${formatCount(tokens)} tokens, ${percent(tokenShare)} of all; ${percent(timeShare)} of the time.`;
}
