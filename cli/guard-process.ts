import { ForgeError } from '../errors/index.js';
import { EXIT } from './exit-codes.js';
import { glimpseFlags } from './global-flags.js';
import type { CliIo } from './io.js';
import { internalError, report } from './main.js';

/**
 * What no command can catch itself: a promise nobody waited for, a reader that went away, and work that never
 * ends although nothing is left that could end it.
 *
 * @returns to be called when the command has settled
 */
export function guardProcess(argv: readonly string[], io: CliIo): () => void {
  const context = { io, ...glimpseFlags(argv) };
  let settled = false;
  const fail = (thrown: unknown): void => {
    report(internalError(thrown), context);
    io.quit(EXIT.failed);
  };
  process.on('unhandledRejection', fail);
  process.on('uncaughtException', fail);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  process.on('exit', (exitCode) => {
    if (settled || exitCode !== EXIT.ok) return;
    process.exitCode = EXIT.failed;
    report(neverSettled(), context);
  });
  return () => void (settled = true);
}

/** `agentforge models | head -1`: the reader has seen enough. Anything else is an error as usual. */
export function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function neverSettled(): ForgeError {
  return new ForgeError(
    'AF_INTERNAL',
    'The command ended without finishing: something it waited for can never happen.',
    {
      fix: 'A phase or plugin returned a promise that never settles. --debug shows the last messages before that.',
    },
  );
}
