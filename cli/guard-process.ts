import { ForgeError } from '../core/errors/forge-error.js';
import { EXIT } from './exit-codes.js';
import { glimpseFlags } from './global-flags.js';
import type { CliIo } from './io.js';
import { report } from './main.js';
import { internalError } from './say-error.js';
import { quietTensorflowCopies } from './tensorflow-copies.js';
import { messageOf } from '../core/errors/message-of.js';

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
  // What plugins print would stand beside the one document.
  if (context.json) globalThis.console = new console.Console(process.stderr);
  let settled = false;
  let drained = false;
  const fail = (thrown: unknown): void => {
    if (io.strays?.claim(thrown) === true) return;
    if (settled) {
      io.stderr.write(
        `warning Something that a plugin or the config left behind failed after the end: ${messageOf(thrown)}\n`,
      );
      return;
    }
    report(internalError(thrown), context);
    io.quit(EXIT.failed);
  };
  process.on('unhandledRejection', fail);
  process.on('uncaughtException', fail);
  // Comes when nothing is left to wait for, and not when somebody ends the process.
  process.on('beforeExit', () => (drained = true));
  process.on('exit', (exitCode) => {
    if (settled || exitCode !== EXIT.ok) return;
    process.exitCode = EXIT.failed;
    report(drained ? neverSettled() : endedByOthers(), context);
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

function endedByOthers(): ForgeError {
  return new ForgeError(
    'AF_PLUGIN_STRAY',
    'The process was ended before the command had finished: a plugin or the config calls process.exit.',
    {
      fix: 'Throw an error instead. A run that was ended so goes on with `agentforge run --resume`.',
    },
  );
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
