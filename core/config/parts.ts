import { ConfigSchema } from '../contracts/config-schema.js';
import type { PluginSet } from '../plugins/collect.js';
import { joinPath } from '../validation/path.js';
import { isPlainObject } from '../validation/plain.js';
import type { LayerContent, LayerPart } from './merge.js';
import { memberSchema } from './schema-walk.js';

/** Keys of a layer that are no values of the merged config: read before, or apart. */
const CONSUMED: ReadonlySet<string> = new Set(['extends', '$schema', 'plugins', 'pipeline']);

/** The two members that hold options by name. */
const SECTIONS = ['options', 'phases'] as const;

/**
 * Every layer taken apart, lowest first. Options of one plugin may be written in four forms; here they become one, so
 * that the nearer layer wins whatever form it uses. Within a layer the order is: entry of `plugins`, entry of
 * `pipeline`, `options.<name>`, `phases.<name>`. Options that a layer gives to a plugin for which a nearer layer lists
 * another one of the same name are left out.
 */
export function partsOf(layers: readonly LayerContent[], set: PluginSet): LayerPart[] {
  return layers.flatMap((layer) => [...settings(layer), ...pluginOptions(layer, set)]);
}

function settings(layer: LayerContent): LayerPart[] {
  return Object.entries(layer.config)
    .filter(([key]) => !CONSUMED.has(key))
    .map(([key, value]) => {
      const named = SECTIONS.some((section) => section === key) && isPlainObject(value);
      const schema = memberSchema(ConfigSchema, key);
      return { keys: [key], value: named ? {} : value, schema, place: key, layer };
    });
}

function pluginOptions(layer: LayerContent, set: PluginSet): LayerPart[] {
  const entries = set.entries
    .filter((entry) => entry.layer === layer)
    .map(({ name, options, place }) => ({ name, value: options as unknown, place, section: 'options' }));
  const named = SECTIONS.flatMap((section) => {
    const given = layer.config[section];
    return Object.entries(isPlainObject(given) ? given : {}).map(([name, value]) => {
      return { name, value, place: joinPath(section, name), section };
    });
  });
  return [...entries, ...named]
    .filter(({ name }) => !set.meansAnother(name, layer))
    .map(({ name, value, place, section }) => {
      const plugin = set.byName.get(name);
      const keys = [plugin?.phase === true ? 'phases' : section, name] as const;
      return { keys, value, schema: plugin?.schema, place, layer };
    });
}
