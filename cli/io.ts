import type { Environment, TextStream } from '../plugins/sinks/console/terminal/index.js';
import { outputOf } from './output.js';
import { Strays } from './strays.js';

/** The world a command runs in. Tests give their own; {@link processIo} is the real one. */
export interface CliIo {
  /** Opened when it is first asked for. */
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  /** Absolute path of the working directory. */
  readonly cwd: string;
  readonly env: Environment;
  /** Listen to Ctrl-C (and a request to terminate, which is told by its name); returns how to stop listening. */
  onInterrupt(listener: (signal?: NodeJS.Signals) => void): () => void;
  /** End the process at once. */
  quit(exitCode: number): void;
  /** When stdout has taken everything: why it has not, or null. */
  settleOutput?(): Promise<Error | null>;
  /** Errors that nobody waits for. */
  readonly strays?: Strays;
}

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Standard streams, environment and signals of this process. */
export function processIo(): CliIo {
  const stderr = outputOf(process.stderr, () => undefined);
  const stdout = outputOf(process.stdout, ({ message }) =>
    stderr.stream.write(
      `warning Standard output cannot be written any more (${message}): what is printed from here on is lost, the work goes on.\n`,
    ),
  );
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: stdout.stream,
    stderr: stderr.stream,
    settleOutput: () => stdout.settle(),
    strays: new Strays(),
    cwd: process.cwd(),
    env: process.env,
    onInterrupt: (listener) => {
      for (const signal of INTERRUPTS) process.on(signal, listener);
      return () => {
        for (const signal of INTERRUPTS) process.off(signal, listener);
      };
    },
    quit: (exitCode) => process.exit(exitCode),
  };
}
