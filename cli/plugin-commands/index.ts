import { COMMAND, type Command } from '../../core/contracts/command.js';
import { ForgeError, isForgeError } from '../../core/errors/index.js';
import { messageOf } from '../../core/errors/message-of.js';
import type { Kernel } from '../../core/kernel/types.js';
import type { CliCommand, CommandContext, Outcome } from '../command.js';
import { Command as Parser } from '../commander.js';
import { addConfigFlags, addJsonFlag, type ConfigFlags } from '../config-flags.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { listenToInterrupts } from '../interrupts.js';
import { openKernel } from '../open-kernel.js';
import { addFlags, checkedFlags } from './flags.js';
import type { CommandLine, PluginCommand } from './source.js';

/**
 * The command of a name that the plugins of the config give.
 * @returns null when none gives it
 * @throws ForgeError of the config or its plugins
 */
export async function findPluginCommand(
  name: string,
  argv: readonly string[],
  context: CommandContext,
): Promise<PluginCommand | null> {
  const kernel = await openKernel(context, { flags: configFlagsIn(argv), withoutConfig: 'defaults' });
  if (!kernel.names(COMMAND).includes(name)) {
    await kernel.dispose();
    return null;
  }
  const found = kernel.resolve(COMMAND, name);
  return {
    summary: found.summary,
    command: cliCommand(name, found, kernel),
    dispose: () => kernel.dispose(),
  };
}

/** All of them, for `--help`. @throws ForgeError of the config or its plugins */
export async function listPluginCommands(context: CommandContext): Promise<readonly CommandLine[]> {
  const kernel = await openKernel(context, { flags: {}, scope: 'storage', withoutConfig: 'defaults' });
  try {
    return kernel.names(COMMAND).map((name) => ({ name, summary: kernel.resolve(COMMAND, name).summary }));
  } finally {
    await kernel.dispose();
  }
}

/** Where the config is, before it is known which flags the command takes. */
function configFlagsIn(argv: readonly string[]): ConfigFlags {
  const parser = addConfigFlags(new Parser()).allowUnknownOption().allowExcessArguments().exitOverride();
  parser.configureOutput({ writeErr: () => undefined }).parseOptions([...argv]);
  return parser.opts<ConfigFlags>();
}

function cliCommand(name: string, found: Command, kernel: Kernel): CliCommand {
  return {
    configure(parser) {
      if (found.usage !== undefined) parser.arguments(found.usage);
      addFlags(parser, found.flags);
      addJsonFlag(addConfigFlags(parser));
    },
    async run(context, typed, args) {
      const flags = await checkedFlags(name, found.flags, typed as Readonly<Record<string, unknown>>);
      const { projectOver } = await import('../../tools/project/open-project.js');
      const project = projectOver(kernel, context.io.cwd);
      try {
        return await runIn(context, (io, signal) =>
          found.run({ project, flags, args: given(args), io, signal }),
        );
      } catch (cause) {
        throw isForgeError(cause) ? cause : failed(name, cause);
      } finally {
        await project.dispose();
      }
    },
  };
}

/** Arguments that stand there; those of `[models...]` come as a list. */
function given(args: readonly unknown[]): readonly string[] {
  return args.flat().filter((word) => typeof word === 'string');
}

/** Run with the context's streams, until Ctrl-C at most; the document it gives is the outcome's. */
async function runIn(
  context: CommandContext,
  run: (io: Parameters<Command['run']>[0]['io'], signal: AbortSignal) => ReturnType<Command['run']>,
): Promise<Outcome> {
  let document: unknown = null;
  const interrupts = listenToInterrupts(context.io, 'Stopping.');
  const io = {
    write: (text: string) => context.terminal.write(text),
    error: (text: string) => void context.io.stderr.write(text),
    json: (value: unknown) => void (document = value),
    columns: context.terminal.columns,
  };
  try {
    const exit = await run(io, interrupts.signal);
    const exitCode: ExitCode = exit === 1 || exit === 2 ? exit : EXIT.ok;
    return { document, text: () => '', exitCode };
  } finally {
    interrupts.release();
  }
}

function failed(name: string, cause: unknown): ForgeError {
  return new ForgeError('AF_PLUGIN_COMMAND', `The command "${name}" failed: ${messageOf(cause)}`, {
    at: `agentforge ${name}`,
    cause,
    fix: `This is a mistake of the plugin that brings "${name}", unless the message says otherwise.`,
    facts: { command: name },
  });
}
