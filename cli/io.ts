import type { Environment, TextStream } from '../terminal/index.js';

/** The world a command runs in. Tests give their own; {@link processIo} is the real one. */
export interface CliIo {
  /** Opened when it is first asked for. */
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  /** Absolute path of the working directory. */
  readonly cwd: string;
  readonly env: Environment;
  /** Listen to Ctrl-C (and a request to terminate); returns how to stop listening. */
  onInterrupt(listener: () => void): () => void;
  /** End the process at once. */
  quit(exitCode: number): void;
}

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Standard streams, environment and signals of this process. */
export function processIo(): CliIo {
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
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
