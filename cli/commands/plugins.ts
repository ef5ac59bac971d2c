import type { PluginListing } from '../../core/kernel/types.js';
import { ForgeError, nearest } from '../../core/errors/index.js';
import { styleOf } from '../../plugins/sinks/console/terminal/index.js';
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
      const plugins = flags.point === undefined ? all : at(all, flags.point);
      return { document: { plugins }, text: () => renderPlugins(plugins, style) };
    }),
});

/** The plugins of an extension point. One that nothing provides is a mistyped one: plugins bring their points along. */
function at(plugins: readonly PluginListing[], point: string): PluginListing[] {
  const found = plugins.filter(({ provides }) => provides.includes(point));
  if (found.length > 0) return found;
  const points = [...new Set(plugins.flatMap(({ provides }) => provides))].sort();
  const suggestion = nearest(point, points);
  throw new ForgeError('AF_USAGE', `No plugin provides the extension point "${point}".`, {
    at: `--point ${point}`,
    fix: `${suggestion === undefined ? '' : `Did you mean ${suggestion}? `}Extension points: ${points.join(', ')}.`,
    facts: { point, points, suggestion: suggestion ?? null },
  });
}

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
