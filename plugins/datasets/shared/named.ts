import type { TSchema } from '@sinclair/typebox';
import { DATASET, type Dataset } from '../../../core/contracts/dataset.js';
import type { OptionsOutput } from '../../../core/contracts/options.js';
import { definePlugin, type Plugin, type PluginFactory } from '../../../core/contracts/plugin.js';

export interface NamedDatasetDefinition<S extends TSchema> {
  /** The name where the options give none. */
  readonly name: string;
  readonly description: string;
  /** With an option `name` whose default is the same name. */
  readonly options: S;
  readonly create: (options: OptionsOutput<S>) => Dataset;
}

/**
 * Define a dataset that can be listed several times under names of its own: its option `name` is the name of the
 * plugin and of the dataset it provides.
 */
export function defineNamedDataset<S extends TSchema>(
  definition: NamedDatasetDefinition<S>,
): PluginFactory<S> {
  const factory = definePlugin<S>({
    name: definition.name,
    description: definition.description,
    options: definition.options,
    provides: [DATASET.id],
    apply: (forge, options) => {
      forge.provide(DATASET, nameIn(options) ?? definition.name, () => definition.create(options));
    },
  });
  const { pluginName, description, provides, optionsSchema } = factory;
  const make = (...args: Parameters<typeof factory>): Plugin => renamed(factory(...args));
  return Object.assign(make, { pluginName, description, provides, optionsSchema });
}

function renamed(plugin: Plugin): Plugin {
  return Object.freeze({
    ...plugin,
    name: nameIn(plugin.options) ?? plugin.name,
    withOptions: (extra: Readonly<Record<string, unknown>>) => renamed(plugin.withOptions(extra)),
  });
}

/** Options the user wrote may be anything until they are validated. */
function nameIn(options: unknown): string | undefined {
  const name = (options as { readonly name?: unknown }).name;
  return typeof name === 'string' ? name : undefined;
}
