import type { ConfigOverride, CreateKernelOptions, Kernel } from '../core/kernel/types.js';
import type { ForgeConfig } from '../contracts/config.js';
import { definePlugin } from '../contracts/plugin.js';
import { TERMINAL, type Terminal } from '../contracts/terminal.js';
import type { RunEvent } from '../contracts/sink.js';
import { isForgeError } from '../errors/index.js';
import { printable, styleOf, terminalOf } from '../terminal/index.js';
import type { CommandContext } from './command.js';
import { overridesOf, type ConfigFlags } from './config-flags.js';
import { OWN_MODULES } from './own-modules.js';

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
  const { createKernel } = await import('../core/index.js');
  const settings = await kernelOptions(context, options);
  try {
    return await createKernel(settings);
  } catch (error) {
    if (options.withoutConfig !== 'defaults' || !isForgeError(error, 'AF_CONFIG_NOT_FOUND')) throw error;
    return await createKernel({ ...settings, config: {} });
  }
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

async function kernelOptions(
  context: CommandContext,
  options: OpenKernelOptions,
): Promise<CreateKernelOptions> {
  const [{ BUILTIN_PLUGINS }, { PRESETS }] = await Promise.all([
    import('../plugins/catalogue.js'),
    import('../presets/catalogue.js'),
  ]);
  const terminal = terminalPlugin(context.terminal);
  return {
    cwd: context.io.cwd,
    env: context.io.env,
    builtins: [
      ...BUILTIN_PLUGINS,
      { name: terminal.pluginName, point: TERMINAL.id, load: () => Promise.resolve(terminal) },
    ],
    presets: PRESETS,
    modules: OWN_MODULES,
    config: options.config,
    configPath: options.flags.config,
    preset: options.flags.preset,
    overrides: [...overridesOf(options.flags), ...(options.overrides ?? [])],
    scope: options.scope,
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

function terminalPlugin(terminal: Terminal) {
  return definePlugin({
    name: 'terminal',
    description: 'The terminal that the command line writes to.',
    provides: [TERMINAL.id],
    apply: (forge) => forge.provide(TERMINAL, 'terminal', () => terminal),
  });
}
