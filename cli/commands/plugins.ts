import type { PluginListing } from '../../core/kernel/types.js';
import { ForgeError, nearest } from '../../errors/index.js';
import { styleOf } from '../../terminal/index.js';
import { defineCommand } from '../command.js';
import { addConfigFlags, addJsonFlag, type ConfigFlags } from '../config-flags.js';
import { withKernel } from '../open-kernel.js';

interface PluginsFlags extends ConfigFlags {
  readonly point?: string;
}

/** Made by the command line for itself; no config can name it. */
const INTERNAL = 'terminal';

export const command = defineCommand<PluginsFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .argument('[plugin]', 'show the options of one, with their defaults')
      .option('--point <id>', 'plugins of this extension point alone');
  },
  run: (context, flags, [name]) =>
    withKernel(context, { flags, withoutConfig: 'defaults' }, async (kernel) => {
      const style = styleOf(context.terminal);
      const { renderPlugin, renderPlugins } = await import('../render/plugins.js');
      const all = kernel.plugins.filter((plugin) => plugin.name !== INTERNAL);
      if (name !== undefined) {
        const plugin = find(all, name);
        return { document: plugin, text: () => renderPlugin(plugin, style) };
      }
      const plugins = all.filter(
        ({ provides }) => flags.point === undefined || provides.includes(flags.point),
      );
      return { document: { plugins }, text: () => renderPlugins(plugins, style) };
    }),
});

function find(plugins: readonly PluginListing[], name: string): PluginListing {
  const found = plugins.find((plugin) => plugin.name === name);
  if (found !== undefined) return found;
  const suggestion = nearest(
    name,
    plugins.map((plugin) => plugin.name),
  );
  throw new ForgeError('AF_PLUGIN_UNKNOWN', `There is no plugin "${name}".`, {
    at: `plugin ${name}`,
    fix: `${suggestion === undefined ? '' : `Did you mean ${suggestion}? `}agentforge plugins lists what there is.`,
    facts: { plugin: name, suggestion: suggestion ?? null },
  });
}
