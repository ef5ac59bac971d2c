import { definePlugin } from '../../core/contracts/plugin.js';
import { TERMINAL, type Terminal } from '../../core/contracts/terminal.js';
import { createKernel } from '../../core/kernel/create-kernel.js';
import type { BuiltinPlugin, CreateKernelOptions, Kernel } from '../../core/kernel/types.js';
import { isForgeError } from '../../core/errors/index.js';
import { OWN_MODULES } from '../own-modules.js';

type FromKernel = Omit<CreateKernelOptions, 'cwd' | 'builtins' | 'presets' | 'modules'>;

export interface ProjectKernelOptions extends FromKernel {
  /** Folder of the project: where the config search starts, and relative paths do. Default: the working directory. */
  readonly cwd?: string;
  /** What to do where no config file is found: fail (default), or go on with the defaults. */
  readonly withoutConfig?: 'fail' | 'defaults';
  /**
   * Where the console sink writes: nowhere (`silent`, the default: a program hears events), to standard output, or to
   * a terminal of your own.
   */
  readonly terminal?: 'silent' | 'stdout' | Terminal;
}

/**
 * Boot a kernel as the command line does: with the built-in plugins and presets of this package, and with this copy of
 * the package for configs and plugins that import it.
 * @throws ForgeError as `createKernel`
 */
export async function openProjectKernel(options: ProjectKernelOptions): Promise<Kernel> {
  const settings = await kernelOptions(options);
  try {
    return await createKernel(settings);
  } catch (error) {
    if (options.withoutConfig !== 'defaults' || !isForgeError(error, 'AF_CONFIG_NOT_FOUND')) throw error;
    // A config that was asked for by name and is not there is a mistake, not a project without a config.
    if (options.configPath !== undefined) throw error;
    return await createKernel({ ...settings, config: {} });
  }
}

async function kernelOptions(options: ProjectKernelOptions): Promise<CreateKernelOptions> {
  const [{ BUILTIN_PLUGINS }, { PRESETS }] = await Promise.all([
    import('../../plugins/catalogue.js'),
    import('../../presets/catalogue.js'),
  ]);
  const { cwd = process.cwd(), withoutConfig: _, terminal = 'silent', ...rest } = options;
  const shown = terminal === 'stdout' ? [] : [terminalPlugin(terminal === 'silent' ? SILENT : terminal)];
  return {
    ...rest,
    cwd,
    builtins: [...BUILTIN_PLUGINS, ...shown],
    presets: PRESETS,
    modules: OWN_MODULES,
  };
}

const SILENT: Terminal = {
  write: () => undefined,
  interactive: false,
  colour: false,
  columns: 80,
  verbosity: 'quiet',
};

function terminalPlugin(terminal: Terminal): BuiltinPlugin {
  const plugin = definePlugin({
    name: 'terminal',
    description: 'The terminal that the console sink writes to.',
    provides: [TERMINAL.id],
    apply: (forge) => forge.provide(TERMINAL, 'terminal', () => terminal),
  });
  return { name: plugin.pluginName, point: TERMINAL.id, load: () => Promise.resolve(plugin) };
}
