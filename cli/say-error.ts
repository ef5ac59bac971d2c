import { ForgeError } from '../core/errors/forge-error.js';
import { messageOf } from '../core/errors/message-of.js';
import { terminalOf } from '../plugins/sinks/console/terminal/stream.js';
import type { CommandContext } from './command.js';
import { renderError } from './render/error.js';

/** What was thrown, as an error that can be told. */
export function forgeErrorOf(thrown: unknown): ForgeError {
  return thrown instanceof ForgeError ? thrown : internalError(thrown);
}

export function sayError(error: ForgeError, { io, debug }: Pick<CommandContext, 'io' | 'debug'>): void {
  const terminal = terminalOf(io.stderr, io.env);
  terminal.write(renderError(error, { terminal, debug }));
}

/** Whatever is thrown without a code of its own is a defect of agentforge, and says so. */
export function internalError(thrown: unknown): ForgeError {
  const what = messageOf(thrown);
  return new ForgeError('AF_INTERNAL', what === '' ? 'Something was thrown without a message.' : what, {
    fix: 'This is a defect of agentforge: please report it with the output of the same command and --debug.',
    cause: thrown,
  });
}
