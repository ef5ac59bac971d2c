import { ForgeError } from '../errors/index.js';
import { EXIT } from './exit-codes.js';
import { glimpseFlags } from './global-flags.js';
import type { CliIo } from './io.js';
import { internalError, report } from './main.js';
import { quietTensorflowCopies } from './tensorflow-copies.js';

/** Milliseconds the process may live on when the command is over. */
const LINGER_MS = 5000;

/**
 * What no command can catch itself: a promise nobody waited for, work that never ends although nothing is left that
 * could end it, and something that keeps the process alive when the command is over.
 *
 * @returns to be called when the command has settled
 */
export function guardProcess(argv: readonly string[], io: CliIo): () => void {
  const context = { io, ...glimpseFlags(argv) };
  let settled = false;
  const fail = (thrown: unknown): void => {
    if (io.strays?.claim(thrown) === true) return;
    report(internalError(thrown), context);
    io.quit(EXIT.failed);
  };
  process.on('unhandledRejection', fail);
  process.on('uncaughtException', fail);
  process.on('exit', (exitCode) => {
    if (settled || exitCode !== EXIT.ok) return;
    process.exitCode = EXIT.failed;
    report(neverSettled(), context);
  });
  const giveConsoleBack = quietTensorflowCopies((message) => io.stderr.write(`warning ${message}\n`));
  return () => {
    settled = true;
    giveConsoleBack();
    setTimeout(() => endLingering(io), LINGER_MS).unref();
  };
}

/** A timer or a connection that a plugin did not close would keep the process for ever. */
function endLingering(io: CliIo): void {
  if (process.stdout.writableLength > 0) {
    setTimeout(() => endLingering(io), LINGER_MS).unref();
    return;
  }
  const kept = [...new Set(process.getActiveResourcesInfo())].join(', ');
  io.stderr.write(
    `warning Something a plugin did not close keeps the process alive (${kept}); it is ended now.\n`,
  );
  io.quit(Number(process.exitCode ?? EXIT.ok));
}

function neverSettled(): ForgeError {
  return new ForgeError(
    'AF_INTERNAL',
    'The command ended without finishing: something it waited for can never happen.',
    {
      fix: 'This is a defect of agentforge: please report it with the output of the same command and --debug.',
    },
  );
}
