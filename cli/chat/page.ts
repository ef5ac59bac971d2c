import { printable, styleOf, terminalOf, type Style } from '../../plugins/sinks/console/terminal/index.js';
import { callText } from '../../tools/chat/document.js';
import type { Answer, ChatPiece } from '../../tools/index.js';
import type { CommandContext } from '../command.js';
import { forgeErrorOf, sayError } from '../say-error.js';

/** Where a conversation appears on a terminal: text as it is said, calls and thoughts dim in their places. */
export class ChatPage {
  showsThoughts: boolean;
  private readonly style: Style;
  private hasTold = false;

  constructor(
    private readonly context: CommandContext,
    { showsThoughts }: { readonly showsThoughts: boolean },
  ) {
    this.showsThoughts = showsThoughts;
    this.style = styleOf(terminalOf(context.io.stdout, context.io.env));
  }

  piece(piece: ChatPiece): void {
    if (piece.kind === 'text') this.write(printable(piece.text));
    else if (piece.kind === 'call') this.write(this.style.dim(printable(`[${callText(piece.call)}]`)));
    else if (this.showsThoughts) this.write(this.style.dim(printable(piece.text)));
  }

  /** What is to be known of an answer beside its text. */
  end({ stopped, dropped }: Answer): void {
    const how = { end: '', length: ' (cut at its greatest length: --max-tokens)', aborted: ' (stopped)' }[
      stopped
    ];
    this.write(`${how === '' ? '' : this.style.dim(how)}\n`);
    if (dropped > 0) this.dropped();
  }

  /** A remark of the program. */
  note(text: string): void {
    this.write(`${this.style.dim(printable(text))}\n`);
  }

  error(thrown: unknown): void {
    sayError(forgeErrorOf(thrown), this.context);
  }

  /** Said once: afterwards it holds for every answer. */
  private dropped(): void {
    if (!this.hasTold) this.note(DROPPED);
    this.hasTold = true;
  }

  private write(text: string): void {
    this.context.io.stdout.write(text);
  }
}

/** That the beginning of a conversation is out of sight. */
export const DROPPED =
  'The conversation is longer than what the model can read: from here on its oldest turns are left out.';
