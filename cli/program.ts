import { Command, CommanderError, Option } from './commander.js';
import { ForgeError } from '../core/errors/forge-error.js';
import { COMMANDS, type CommandEntry } from './commands.js';
import type { CliCommand } from './command.js';
import { addGlobalFlags } from './global-flags.js';
import { EXIT } from './exit-codes.js';
import type { PluginCommands } from './plugin-commands/source.js';
import type { TextStream } from '../plugins/sinks/console/terminal/index.js';

/** A parsed command line: which command, with which flags and arguments. */
export interface Parsed {
  readonly command: CliCommand;
  readonly flags: object;
  readonly args: readonly (string | undefined)[];
}

/** Where help goes. */
interface Output {
  readonly stdout: TextStream;
  readonly columns: number;
}

/**
 * Parse a command line. Only the module of the command it names is loaded.
 * @returns null when help or the version was asked for and printed
 * @throws ForgeError AF_USAGE
 */
export async function parse(
  argv: readonly string[],
  output: Output,
  version: string,
  plugins?: PluginCommands,
): Promise<Parsed | null> {
  const program = addGlobalFlags(quiet(new Command('agentforge'), output))
    .description('Make a small language model on your own machine.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    // What follows the command is the command's: in `generate --prompt --json` the prompt is "--json".
    .enablePositionalOptions()
    .addHelpText(
      'after',
      '\nagentforge <command> --help tells about one command.\nDocumentation: README.md and docs/.',
    );
  const parsed: { current: Parsed | null } = { current: null };
  const wanted = named(argv);
  for (const entry of COMMANDS) {
    const child = quiet(new Command(entry.name), output)
      .description(entry.summary)
      .helpOption('-h, --help', 'print this help');
    if (entry.name === wanted) await configure(child, entry, (found) => void (parsed.current = found));
    program.addCommand(child);
  }
  if (plugins !== undefined && !argv.some((word) => word === '-V' || word === '--version'))
    await addPlugins(program, plugins, wanted, output, (found) => void (parsed.current = found));
  if (argv.length === 0) {
    program.outputHelp();
    return null;
  }
  return (await parseWith(program, argv, plugins?.trouble ?? null)) ? parsed.current : null;
}

/** The command that is asked for: flags before it take no values. */
function named(argv: readonly string[]): string | undefined {
  return argv.find((word) => !word.startsWith('-'));
}

/** The command of a plugin, where that is asked for; a word about all of them, where help is. */
async function addPlugins(
  program: Command,
  plugins: PluginCommands,
  wanted: string | undefined,
  output: Output,
  found: (parsed: Parsed) => void,
): Promise<void> {
  if (wanted === undefined) {
    const said = await plugins.help();
    program.addHelpText('after', `\n${said}`);
    return;
  }
  if (COMMANDS.some(({ name }) => name === wanted)) return;
  const brought = await plugins.find(wanted);
  if (brought === null) return;
  const { summary, command } = brought;
  const child = quiet(new Command(wanted), output)
    .description(summary)
    .helpOption('-h, --help', 'print this help');
  await configure(child, { name: wanted, summary, load: () => Promise.resolve(command) }, found);
  program.addCommand(child);
}

async function configure(
  child: Command,
  entry: CommandEntry,
  found: (parsed: Parsed) => void,
): Promise<void> {
  const command = await entry.load();
  command.configure(child);
  child.addOption(new Option('--debug', 'print stack traces, debug messages and timings'));
  child.action((...received: unknown[]) => {
    const args = received.slice(0, -2) as (string | undefined)[];
    found({ command, flags: child.optsWithGlobals(), args });
  });
}

function quiet(command: Command, output: Output): Command {
  return command.exitOverride().configureOutput({
    writeOut: (text) => void output.stdout.write(text),
    writeErr: () => undefined,
    getOutHelpWidth: () => output.columns,
  });
}

/** @returns whether there is a command to run */
async function parseWith(
  program: Command,
  argv: readonly string[],
  trouble: ForgeError | null,
): Promise<boolean> {
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return true;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === EXIT.ok) return false;
    if (error.code === 'commander.help') {
      program.outputHelp();
      return false;
    }
    throw usageError(error, program, argv, trouble);
  }
}

function usageError(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
  trouble: ForgeError | null,
): ForgeError {
  const [what = error.message, ...hints] = error.message.replace(/^error: /, '').split('\n');
  const command = program.commands.find((child) => child.name() === named(argv));
  const help = command === undefined ? 'agentforge --help' : `agentforge ${command.name()} --help`;
  const hint = hints.map((line) => line.replace(/^\(|\)$/g, '')).join(' ');
  return new ForgeError('AF_USAGE', what.replace(/\.?$/, '.'), {
    fix: `${hint === '' ? '' : `${hint} `}See ${help}.`,
    // A command of a plugin is not known where the plugin could not be loaded.
    cause: trouble ?? undefined,
    facts: { argv },
  });
}
