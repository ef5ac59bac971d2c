import { ENGINE, PHASE, REGISTRY, SINK, slotOf } from '../contracts/index.js';
import { ConfigSchema } from '../contracts/config-schema.js';
import { isPlainObject } from '../validation/plain.js';

/** What is known of a plugin before anything is made of it. */
export interface DescribedPlugin {
  readonly name: string;
  readonly description?: string | null | undefined;
  /** Extension point ids. */
  readonly provides: readonly string[];
  readonly optionsSchema: object;
}

type JsonSchema = Readonly<Record<string, unknown>>;

const TEXT: JsonSchema = { type: 'string', minLength: 1 };
const OPEN: JsonSchema = { type: 'object', description: 'Options of the plugin.' };

/**
 * JSON Schema (draft 7) of a config file, for editors: every setting, and by name the phases and plugins given, with their
 * options. Other names are allowed, with any options. `schemas/config.schema.json` is that of the built-in ones.
 */
export function configFileSchema(plugins: readonly DescribedPlugin[]): JsonSchema {
  const [phases, others] = [true, false].map((wanted) =>
    plugins.filter(({ provides }) => provides.includes(PHASE.id) === wanted),
  ) as [DescribedPlugin[], DescribedPlugin[]];
  const schema = asWritten(ConfigSchema, plugins);
  const members = schema['properties'] as Record<string, JsonSchema>;
  const names = (point: string) => namesAt(point, plugins);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'agentforge:config@1',
    title: 'agentforge configuration',
    ...schema,
    properties: {
      $schema: { type: 'string', description: 'Where this schema is, for editors.' },
      ...members,
      extends: { ...members['extends'], anyOf: [TEXT, list({ anyOf: [TEXT, ROOT] }), ROOT] },
      plugins: { ...members['plugins'], ...list(definition('PluginEntry')) },
      pipeline: { ...members['pipeline'], ...list(definition('PluginEntry')) },
      phases: { ...members['phases'], ...section(phases) },
      options: { ...members['options'], ...section(others) },
      engine: offering(members['engine']!, names(ENGINE.id)),
      registry: offering(members['registry']!, names(REGISTRY.id)),
      sinks: { ...members['sinks'], anyOf: [list(offering(TEXT, names(SINK.id))), { type: 'null' }] },
    },
    $defs: {
      PluginEntry: entrySchema(plugins),
      ...Object.fromEntries(plugins.map((plugin) => [plugin.name, optionsSchema(plugin, plugins)])),
    },
  };
}

const ROOT: JsonSchema = { $ref: '#' };
const definition = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

function section(plugins: readonly DescribedPlugin[]): JsonSchema {
  return {
    properties: Object.fromEntries(plugins.map(({ name }) => [name, definition(name)])),
    additionalProperties: OPEN,
  };
}

/** A text that may be anything, of which an editor offers some. */
function offering({ type: _, minLength, ...rest }: JsonSchema, names: readonly string[]): JsonSchema {
  return { ...rest, anyOf: [{ enum: names }, { type: 'string', minLength }] };
}

/** A plugin as JSON and YAML can name it; with a known name its options are those of the plugin. */
function entrySchema(plugins: readonly DescribedPlugin[]): JsonSchema {
  const name = {
    description: 'Built-in name, package (agentforge-plugin-x or x), or path relative to this file.',
    ...offering(
      { type: 'string' },
      plugins.map((plugin) => plugin.name),
    ),
  };
  return {
    anyOf: [
      name,
      { type: 'array', description: 'Name and options.', items: [name, OPEN], minItems: 2, maxItems: 2 },
      {
        type: 'object',
        properties: { use: name, options: OPEN },
        required: ['use'],
        additionalProperties: false,
      },
      { const: false },
      { type: 'null' },
      list(definition('PluginEntry')),
    ],
    allOf: plugins.flatMap((plugin) => [
      {
        if: { type: 'array', items: [{ const: plugin.name }, { type: 'object' }], minItems: 2, maxItems: 2 },
        then: { items: [{}, definition(plugin.name)] },
      },
      {
        if: { type: 'object', properties: { use: { const: plugin.name } }, required: ['use'] },
        then: { properties: { options: definition(plugin.name) } },
      },
    ]),
  };
}

function optionsSchema(plugin: DescribedPlugin, all: readonly DescribedPlugin[]): JsonSchema {
  const schema = asWritten(plugin.optionsSchema, all);
  const description = plugin.description ?? schema['description'];
  // References of a schema are meant from its own root.
  return isSelfContained(plugin) ? { ...schema, description } : { ...OPEN, description };
}

const isSelfContained = ({ optionsSchema }: DescribedPlugin): boolean =>
  !JSON.stringify(optionsSchema).includes('"$ref"');

/** A schema as it holds before defaults are filled in. */
function asWritten(schema: object, plugins: readonly DescribedPlugin[]): JsonSchema {
  const plain = JSON.parse(JSON.stringify(schema)) as JsonSchema;
  return relaxed(plain, plugins) as JsonSchema;
}

/** Keywords that hold data, and those that hold schemas by names of their own. */
const DATA: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples']);
const NAMED: ReadonlySet<string> = new Set(['properties', 'patternProperties']);

function relaxed(schema: unknown, plugins: readonly DescribedPlugin[]): unknown {
  if (Array.isArray(schema)) return schema.map((member) => relaxed(member, plugins));
  if (!isPlainObject(schema)) return schema;
  const { required, relativeTo: _, pluginSlot: __, ...rest } = schema;
  const below = Object.entries(rest).map(([key, value]) => {
    if (DATA.has(key)) return [key, value];
    if (!NAMED.has(key) || !isPlainObject(value)) return [key, relaxed(value, plugins)];
    return [key, Object.fromEntries(Object.entries(value).map(([k, each]) => [k, relaxed(each, plugins)]))];
  });
  const made = Object.fromEntries(below) as Record<string, unknown>;
  const properties = (isPlainObject(rest['properties']) ? rest['properties'] : {}) as Record<
    string,
    JsonSchema
  >;
  const needed = Array.isArray(required)
    ? (required as string[]).filter((key) => properties[key]?.['default'] === undefined)
    : [];
  return { ...made, ...(needed.length > 0 && { required: needed }), ...slotSchema(schema, made, plugins) };
}

/** A record that names a plugin and holds its options: they are those of the plugins like the one named by default. */
function slotSchema(
  schema: object,
  { properties }: JsonSchema,
  plugins: readonly DescribedPlugin[],
): JsonSchema {
  const slot = slotOf(schema);
  if (slot === null || !isPlainObject(properties)) return {};
  const [key = ''] = slot.names;
  const name = properties[key] as JsonSchema | undefined;
  const standard = plugins.find((plugin) => plugin.name === name?.['default']);
  if (name === undefined || standard === undefined) return {};
  const kind = plugins.filter(({ provides }) => provides.some((point) => standard.provides.includes(point)));
  const offered = {
    ...properties,
    [key]: offering(
      name,
      kind.map((plugin) => plugin.name),
    ),
  };
  const conditions = !slot.options.includes('options')
    ? []
    : kind.map((plugin) => ({
        if: {
          properties: { [key]: { const: plugin.name } },
          ...(plugin !== standard && { required: [key] }),
        },
        then: { properties: { options: definition(plugin.name) } },
      }));
  return { properties: offered, ...(conditions.length > 0 && { allOf: conditions }) };
}

function namesAt(point: string, plugins: readonly DescribedPlugin[]): string[] {
  return plugins.filter(({ provides }) => provides.includes(point)).map(({ name }) => name);
}
