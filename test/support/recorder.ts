import type { Terminal, Verbosity } from '../../core/contracts/terminal.js';

/** A stream that keeps what is written to it. */
export class Recorder {
  text = '';
  /** Called after every write. */
  onWrite: (text: string) => void = () => undefined;
  isTTY = false;
  columns = 100;

  constructor(settings: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
    this.isTTY = settings.isTTY ?? false;
    this.columns = settings.columns ?? 100;
  }

  write(text: string): boolean {
    this.text += text;
    this.onWrite(text);
    return true;
  }
}

/** A terminal that keeps what is written to it. */
export interface RecordedTerminal extends Terminal {
  readonly written: () => string;
}

export function recordedTerminal(
  settings: {
    readonly interactive?: boolean;
    readonly columns?: number;
    readonly verbosity?: Verbosity;
  } = {},
): RecordedTerminal {
  let text = '';
  return {
    write: (chunk) => void (text += chunk),
    written: () => text,
    interactive: settings.interactive ?? false,
    colour: false,
    columns: settings.columns ?? 100,
    verbosity: settings.verbosity ?? 'normal',
  };
}
