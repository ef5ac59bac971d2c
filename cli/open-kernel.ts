import type { ConfigOverride, Kernel } from '../core/kernel/types.js';
import type { ForgeConfig } from '../contracts/config.js';
import type { RunEvent } from '../contracts/sink.js';
import { printable, styleOf, terminalOf } from '../terminal/index.js';
import type { OpenProjectOptions, Project } from '../tools/index.js';
import type { CommandContext } from './command.js';
import { overridesOf, type ConfigFlags } from './config-flags.js';

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
export async function openKernel(context: CommandContext, options: OpenKernelOptions): Promise<Kernel> {
  const { openProjectKernel } = await import('../tools/project/kernel.js');
  return openProjectKernel(projectOptions(context, options));
}

/** Boot, use and dispose, whatever happens in between. */
export async function withKernel<T>(
  context: CommandContext,
  options: OpenKernelOptions,
  use: (kernel: Kernel) => Promise<T>,
): Promise<T> {
  const kernel = await openKernel(context, options);
  try {
    return await use(kernel);
  } finally {
    await kernel.dispose();
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
function projectOptions(context: CommandContext, options: OpenKernelOptions): OpenProjectOptions {
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
    onEvent: bootListener(context, options.onEvent),
  };
}

/** Before a run opens its sinks, and in commands that open none, warnings would be heard by nobody: print them. */
function bootListener(
  context: CommandContext,
  next: ((event: RunEvent) => void) | undefined,
): (event: RunEvent) => void {
  const terminal = terminalOf(context.io.stderr, context.io.env);
  const style = styleOf(terminal);
  let booting = true;
  return (event) => {
    if (event.type === 'lifecycle') booting = false;
    if (booting && event.type === 'log' && event.level === 'warn') {
      terminal.write(`${style.yellow('warning')} ${printable(event.message)}\n`);
    }
    next?.(event);
  };
}
