import type { TSchema } from '@sinclair/typebox';
import type { Plugin, PluginFactory } from '../../../contracts/plugin.js';

/**
 * Let a plugin be listed several times under names of its own: its option `name` is the name of the plugin and of
 * what it provides.
 */
export function namedByOption<S extends TSchema>(factory: PluginFactory<S>): PluginFactory<S> {
  const make: typeof factory = Object.assign(
    (...args: Parameters<typeof factory>) => renamed(factory(...args)),
    {
      pluginName: factory.pluginName,
      description: factory.description,
      provides: factory.provides,
      optionsSchema: factory.optionsSchema,
    },
  );
  return make;
}

function renamed(plugin: Plugin): Plugin {
  const { name } = plugin.options;
  return Object.freeze({
    ...plugin,
    name: typeof name === 'string' && name !== '' ? name : plugin.name,
    withOptions: (extra: Readonly<Record<string, unknown>>) => renamed(plugin.withOptions(extra)),
  });
}
