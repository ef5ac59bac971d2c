import type { ConfigOverride, Kernel } from '../core/kernel/types.js';
import { COMMAND } from '../core/contracts/command.js';
import type { ForgeConfig } from '../core/contracts/config.js';
import type { RunEvent } from '../core/contracts/sink.js';
import { printable, styleOf, terminalOf } from '../plugins/sinks/console/terminal/index.js';
import type { OpenProjectOptions, Project } from '../tools/index.js';
import type { CommandContext } from './command.js';
import { overridesOf, type ConfigFlags } from './config-flags.js';
import { messageOf } from '../core/errors/message-of.js';

export interface OpenKernelOptions {
  readonly flags: ConfigFlags;
  readonly scope?: 'full' | 'storage';
  /** What to do where no config file is found: fail (default), or go on with the defaults. */
  readonly withoutConfig?: 'fail' | 'defaults';
  /** A config by value: no file is looked for. */
  readonly config?: ForgeConfig;
  readonly overrides?: readonly ConfigOverride[];
  readonly onEvent?: (event: RunEvent) => void;
}

/**
 * Boot a kernel for a command: built-in plugins and presets, the config that the flags point at, and the command
 * line's terminal for the console sink. The kernel and what it needs are loaded here, not when the command is.
 */
export async function openKernel(
  context: CommandContext,
  options: OpenKernelOptions,
  ears = new WarningPrinter(context),
): Promise<Kernel> {
  const { openProjectKernel } = await import('../tools/project/kernel.js');
  const kernel = await openProjectKernel(projectOptions(context, options, ears));
  if (kernel.names(COMMAND).length === 0) return kernel;
  const { refuseClashes } = await import('./plugin-commands/clashes.js');
  try {
    refuseClashes(kernel, context.ownCommands);
    return kernel;
  } catch (error) {
    await kernel.dispose();
    throw error;
  }
}

/**
 * Boot, use and dispose, whatever happens in between. What goes wrong while everything is let go is a warning: it
 * changes neither what was done nor how it is told.
 */
export async function withKernel<T>(
  context: CommandContext,
  options: OpenKernelOptions,
  use: (kernel: Kernel) => Promise<T>,
): Promise<T> {
  const ears = new WarningPrinter(context);
  const kernel = await openKernel(context, options, ears);
  try {
    return await use(kernel);
  } finally {
    ears.printing = true;
    await kernel.dispose().catch((error: unknown) => ears.print(messageOf(error)));
  }
}

/** As {@link withKernel}, for commands that work with models. */
export async function withProject<T>(
  context: CommandContext,
  options: OpenKernelOptions,
  use: (project: Project) => Promise<T>,
): Promise<T> {
  const { projectOver } = await import('../tools/project/open-project.js');
  return withKernel(context, options, async (kernel) => {
    const project = projectOver(kernel, context.io.cwd);
    try {
      return await use(project);
    } finally {
      await project.dispose();
    }
  });
}

/** The project that a command line means. */
function projectOptions(
  context: CommandContext,
  options: OpenKernelOptions,
  ears: WarningPrinter,
): OpenProjectOptions {
  return {
    cwd: context.io.cwd,
    env: context.io.env,
    config: options.config,
    configPath: options.flags.config,
    preset: options.flags.preset,
    overrides: [...overridesOf(options.flags), ...(options.overrides ?? [])],
    scope: options.scope,
    withoutConfig: options.withoutConfig,
    terminal: context.terminal,
    onStray: (listener) => context.io.strays?.listen(listener) ?? (() => undefined),
    onEvent: (event) => {
      ears.hear(event);
      options.onEvent?.(event);
    },
  };
}

/** Before a run opens its sinks, after it, and in commands that open none, warnings would be heard by nobody. */
class WarningPrinter {
  /** Whether nobody else hears warnings. */
  printing = true;

  constructor(private readonly context: CommandContext) {}

  hear(event: RunEvent): void {
    if (event.type === 'lifecycle') this.printing = false;
    if (this.printing && event.type === 'log' && event.level === 'warn') this.print(event.message);
  }

  print(message: string): void {
    const { stderr, env } = this.context.io;
    const style = styleOf(terminalOf(stderr, env));
    stderr.write(`${style.yellow('warning')} ${printable(message)}\n`);
  }
}
