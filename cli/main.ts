import { encodeJson } from '../core/contracts/json-numbers.js';
import { ForgeError } from '../core/errors/forge-error.js';
import { DEFAULT_COLUMNS, terminalOf } from '../plugins/sinks/console/terminal/stream.js';
import type { CommandContext, Outcome } from './command.js';
import { COMMANDS } from './commands.js';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.js';
import { glimpseFlags, globalFlagsOf, type GlobalFlags } from './global-flags.js';
import type { CliIo } from './io.js';
import { PluginCommands } from './plugin-commands/source.js';
import { parse } from './program.js';
import { errorDocument } from './render/error.js';
import { forgeErrorOf, sayError } from './say-error.js';
import { packageVersion } from '../tools/version.js';

/**
 * The `agentforge` command.
 *
 * @param argv what follows the program's name
 * @returns the exit code: 0 ok, 1 the work failed, 2 usage or configuration, 130 interrupted
 */
export async function main(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  let context = contextOf(glimpseFlags(argv), io);
  const plugins = new PluginCommands(argv, context);
  try {
    const { columns: there } = terminalOf(io.stdout, io.env);
    const columns = Number.isFinite(there) ? there : DEFAULT_COLUMNS;
    const parsed = await parse(argv, { stdout: io.stdout, columns }, packageVersion(), plugins);
    if (parsed === null) return await printed(EXIT.ok, false, context);
    context = contextOf(globalFlagsOf(parsed.flags), io);
    const outcome = await parsed.command.run(context, parsed.flags, parsed.args);
    await print(outcome, context);
    const lasting = outcome.lasting === true && !context.json;
    return await printed(outcome.exitCode ?? EXIT.ok, lasting, context);
  } catch (thrown) {
    return report(thrown, context);
  } finally {
    await plugins.dispose();
  }
}

function contextOf({ json, debug, quiet }: GlobalFlags, io: CliIo): CommandContext {
  const verbosity = quiet ? 'quiet' : debug ? 'debug' : 'normal';
  const ownCommands = COMMANDS.map(({ name }) => name);
  return {
    io,
    json,
    debug,
    ownCommands,
    terminal: terminalOf(json ? io.stderr : io.stdout, io.env, verbosity),
  };
}

/** The exit code when the output has been taken: a document that is lost is a failure, unless something else is. */
async function printed(exitCode: ExitCode, lasting: boolean, context: CommandContext): Promise<ExitCode> {
  const failure = (await context.io.settleOutput?.()) ?? null;
  if (failure === null || lasting || exitCode !== EXIT.ok) return exitCode;
  const error = new ForgeError(
    'AF_STORAGE_IO',
    `What the command found could not be written to standard output: ${failure.message}`,
    {
      at: 'standard output',
      cause: failure,
      fix: 'What the command did is done. Print it again, to a place with free space.',
    },
  );
  sayError(error, context);
  return EXIT.failed;
}

async function print(outcome: Outcome, context: CommandContext): Promise<void> {
  const { document } = outcome;
  const asJson = (): string => (document === undefined ? '' : encodeJson(document, 2));
  const text = context.json ? asJson() : await outcome.text();
  if (text !== '') context.io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  if (outcome.error) sayError(outcome.error, context);
}

/** Say what went wrong, on stderr for people and, with `--json`, as a document on stdout. */
export function report(thrown: unknown, context: Pick<CommandContext, 'io' | 'json' | 'debug'>): ExitCode {
  const error = forgeErrorOf(thrown);
  sayError(error, context);
  if (context.json) context.io.stdout.write(`${encodeJson({ ok: false, error: errorDocument(error) }, 2)}\n`);
  return exitCodeOf(error);
}
