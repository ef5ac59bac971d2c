import { readdir } from 'node:fs/promises';
import { ConfigSchema } from '../core/contracts/config-schema.js';
import { loadHandoffSchema } from '../core/contracts/handoff-schema.js';
import { loadSchema } from '../core/contracts/load-schema.js';
import { checkSettings } from '../core/validation/validator.js';
import { BUILTIN_PLUGINS } from '../plugins/catalogue.js';
import { SchemaChecks, type CheckSettings } from '../storage/schema-checks.js';
import { documentSettings } from '../storage/validate.js';

/** Schemas that are read in one way. */
export interface SchemaGroup {
  readonly settings: CheckSettings;
  readonly schemas: readonly object[];
}

/**
 * The schemas of this package, for the build to compile: of the config, of the options of every built-in plugin, of
 * handoffs and of stored documents. One that is missing here is compiled when it is used.
 *
 * @param folder of the schemas of handoffs
 */
export async function ownSchemas(folder: string): Promise<readonly SchemaGroup[]> {
  const plugins = await Promise.all(BUILTIN_PLUGINS.map(({ load }) => load()));
  const handoffs = (await readdir(folder)).map((file) => loadHandoffSchema(file.replace('.schema.json', '')));
  const metadata = loadSchema('model-metadata.schema.json');
  return [
    { settings: checkSettings(true), schemas: plugins.map((plugin) => plugin.optionsSchema) },
    { settings: checkSettings(false), schemas: [ConfigSchema, ...handoffs] },
    { settings: documentSettings([metadata]), schemas: [loadSchema('registry.schema.json')] },
    { settings: documentSettings([]), schemas: [metadata] },
  ];
}

/** The modules of their checks, by file name. */
export function checkModules(groups: readonly SchemaGroup[]): ReadonlyMap<string, string> {
  const modules = groups.flatMap(({ settings, schemas }) => {
    const checks = new SchemaChecks(settings);
    return schemas.map((schema) => checks.module(schema));
  });
  return new Map(modules.map(({ name, code }) => [name, code]));
}
