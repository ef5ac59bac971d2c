import { Command } from './commander.js';

/** Flags that change how any command speaks. */
export interface GlobalFlags {
  readonly json: boolean;
  readonly debug: boolean;
  readonly quiet: boolean;
}

/** Add the flags that may also stand before the name of the command. */
export function addGlobalFlags(program: Command): Command {
  return program
    .option('--json', 'print one JSON document')
    .option('--debug', 'print stack traces, debug messages and timings');
}

/** Those of parsed flags. */
export function globalFlagsOf(flags: object): GlobalFlags {
  const { json, debug, quiet } = flags as Partial<GlobalFlags>;
  return { json: json === true, debug: debug === true, quiet: quiet === true };
}

/** Those of a command line that is not parsed, or cannot be: how to say what is wrong with it. */
export function glimpseFlags(argv: readonly string[]): GlobalFlags {
  const command = addGlobalFlags(new Command()).option('-q, --quiet').allowUnknownOption();
  command.parseOptions([...argv]);
  return globalFlagsOf(command.opts());
}
