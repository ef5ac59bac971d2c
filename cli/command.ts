import type { Command } from './commander.js';
import type { Terminal } from '../core/contracts/terminal.js';
import type { ForgeError } from '../core/errors/index.js';
import type { ExitCode } from './exit-codes.js';
import type { CliIo } from './io.js';

/** What every command has at hand. */
export interface CommandContext {
  readonly io: CliIo;
  /** For people. With `--json` it is stderr, so that stdout carries the document alone. */
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly debug: boolean;
  /** Names of the commands of agentforge: no plugin may bring one of them. */
  readonly ownCommands: readonly string[];
}

/** What a command found out or did: one document for machines, one text for people. */
export interface Outcome {
  /** Printed by `--json`. Undefined: documents were printed on the way, each on a line. */
  readonly document: unknown;
  /** Printed otherwise; empty prints nothing. */
  readonly text: () => string | Promise<string>;
  readonly exitCode?: ExitCode;
  /** What the command did lasts, whether or not its text can be printed. */
  readonly lasting?: boolean;
  /** What went wrong although there is an outcome to print; said last, on stderr. It is part of the document. */
  readonly error?: ForgeError | null;
}

/** One sub-command: how it is called and what it does. `Flags` is what commander makes of its options. */
export interface CliCommand<Flags extends object = object> {
  /** Add arguments, options and examples. */
  configure(command: Command): void;
  run(context: CommandContext, flags: Flags, args: readonly (string | undefined)[]): Promise<Outcome>;
}

/** A command whose flags are typed inside and opaque outside. */
export function defineCommand<Flags extends object>(command: CliCommand<Flags>): CliCommand {
  return {
    configure: (target) => command.configure(target),
    run: (context, flags, args) => command.run(context, flags as Flags, args),
  };
}
