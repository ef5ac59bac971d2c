import type { Terminal, Verbosity } from '../contracts/terminal.js';

/** What a terminal needs of a stream: `process.stdout` has it, so has a test's recorder. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_COLUMNS = 80;

/** A terminal over a stream: cursor control and colour only where the stream is a TTY that can do it. */
export function terminalOf(
  stream: TextStream,
  environment: Environment,
  verbosity: Verbosity = 'normal',
): Terminal {
  const dumb = environment['TERM'] === 'dumb';
  const tty = stream.isTTY === true;
  return {
    write: (text) => void stream.write(text),
    interactive: tty && !dumb && !isSet(environment['CI']),
    colour: wantsColour(tty && !dumb, environment),
    get columns() {
      // A terminal whose size nobody set says 0.
      return stream.columns === undefined || stream.columns < 1 ? DEFAULT_COLUMNS : stream.columns;
    },
    verbosity,
  };
}

/** `NO_COLOR` (no-color.org) wins, then `FORCE_COLOR`, then whether the stream is a capable TTY. */
function wantsColour(capable: boolean, environment: Environment): boolean {
  if (isSet(environment['NO_COLOR'])) return false;
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return capable;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
