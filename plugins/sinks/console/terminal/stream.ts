import type { Terminal, Verbosity } from '../../../../core/contracts/terminal.js';

/** What a terminal needs of a stream: `process.stdout` has it, so has a test's recorder. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** For whoever must have a width. */
export const DEFAULT_COLUMNS = 80;

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
      return columnsOf(stream, environment);
    },
    verbosity,
  };
}

/** `COLUMNS` wins, then what the terminal says of itself; lines for a file or another program may be of any length. */
function columnsOf({ columns = 0, isTTY = false }: TextStream, environment: Environment): number {
  const asked = Number(environment['COLUMNS']);
  if (Number.isInteger(asked) && asked > 0) return asked;
  if (!isTTY) return Infinity;
  // A terminal whose size nobody set says 0.
  return columns > 0 ? columns : DEFAULT_COLUMNS;
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
