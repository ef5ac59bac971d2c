import { Type, type TSchema } from '@sinclair/typebox';
import { pathOption } from '../contracts/index.js';

const Options = Type.Record(Type.String(), Type.Unknown(), { description: 'Options of the plugin.' });

/** A plugin as JSON and YAML can name it; TypeScript configs may also list instances. */
const PluginEntry = Type.Recursive(
  (Self) =>
    Type.Union([
      Type.String({
        description: 'Built-in name, package (agentforge-plugin-x or x), or path relative to this file.',
      }),
      Type.Tuple([Type.String(), Options], { description: 'Name and options.' }),
      Type.Object({ use: Type.String(), options: Type.Optional(Options) }, { additionalProperties: false }),
      Type.Literal(false),
      Type.Null(),
      Type.Array(Self),
    ]),
  { $id: 'PluginEntry' },
);

const text = (description: string, rest: object = {}) => Type.String({ minLength: 1, description, ...rest });
const count = (description: string, rest: object) => Type.Integer({ description, ...rest });
const closed = (properties: Record<string, TSchema>, description: string) =>
  Type.Object(optional(properties), { additionalProperties: false, description });

function optional(properties: Record<string, TSchema>): Record<string, TSchema> {
  return Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, Type.Optional(schema)]));
}

/** Values the config takes when nobody sets them; the lowest layer. */
export const CONFIG_DEFAULTS = {
  seed: 42,
  plugins: [],
  pipeline: [],
  phases: {},
  options: {},
  engine: 'onnxruntime',
  registry: 'lowdb',
  sinks: null,
  storage: { root: '.agentforge', keepCheckpoints: 3 },
  data: { root: null },
  gates: { policy: 'research' },
  cleanup: { completedDays: 30, failedDays: 7, maxSessions: 100, auto: false },
} as const;

/** What the built-in sinks are when `sinks` is null; plugins listed in the config add theirs. */
export const DEFAULT_SINKS: readonly string[] = ['console', 'jsonl'];

/** JSON Schema of the merged config, `plugins` and `pipeline` aside: those may hold instances and are checked apart. */
export const MergedConfigSchema = closed(
  {
    seed: count('Seed of every random stream.', {
      minimum: 0,
      maximum: 2 ** 32 - 1,
      default: CONFIG_DEFAULTS.seed,
    }),
    phases: Type.Record(Type.String(), Options, {
      description: 'Options by phase name; of one file, over those at its entry of `pipeline`.',
    }),
    options: Type.Record(Type.String(), Options, {
      description: 'Options by plugin name; of one file, over those at its entry of `plugins`.',
    }),
    engine: text('Name of the compute engine.', { default: CONFIG_DEFAULTS.engine }),
    registry: text('Name of the registry plugin.', { default: CONFIG_DEFAULTS.registry }),
    sinks: Type.Union([Type.Array(text('Name of a sink.')), Type.Null()], {
      description:
        'Sinks to open, besides those of plugins that nearer layers list; null: console and jsonl.',
      default: CONFIG_DEFAULTS.sinks,
    }),
    storage: closed(
      {
        root: pathOption({
          description: 'Folder of registry, artifacts and sessions, relative to this file.',
          default: CONFIG_DEFAULTS.storage.root,
        }),
        keepCheckpoints: count('Newest checkpoints kept per phase.', {
          minimum: 1,
          default: CONFIG_DEFAULTS.storage.keepCheckpoints,
        }),
      },
      'Where things are stored.',
    ),
    data: closed(
      {
        root: Type.Union(
          [pathOption({ description: 'Folder of the datasets, relative to this file.' }), Type.Null()],
          {
            description: 'Folder of the datasets; null: AGENTFORGE_DATA, else none.',
            default: CONFIG_DEFAULTS.data.root,
          },
        ),
        cache: pathOption({
          description:
            'Folder for downloaded datasets, relative to this file; default: `cache` in the storage folder.',
        }),
      },
      'Where data comes from.',
    ),
    gates: closed(
      {
        policy: Type.Union([Type.Literal('research'), Type.Literal('strict')], {
          description: 'What a missed target does: `research` reports it and goes on, `strict` stops.',
          default: CONFIG_DEFAULTS.gates.policy,
        }),
      },
      'What missed gates do. Integrity gates always stop the run.',
    ),
    cleanup: closed(
      {
        completedDays: count('Age in days at which completed sessions may go.', {
          minimum: 0,
          default: CONFIG_DEFAULTS.cleanup.completedDays,
        }),
        failedDays: count('Age in days at which failed sessions may go.', {
          minimum: 0,
          default: CONFIG_DEFAULTS.cleanup.failedDays,
        }),
        maxSessions: count('Newest sessions kept.', {
          minimum: 1,
          default: CONFIG_DEFAULTS.cleanup.maxSessions,
        }),
        auto: Type.Boolean({
          description: 'Clean up after every completed run; `clean` does it at any time.',
          default: CONFIG_DEFAULTS.cleanup.auto,
        }),
      },
      'What may be deleted, and when.',
    ),
  },
  'Configuration of agentforge.',
);

/** JSON Schema of a config file, for editors: `schemas/config.schema.json` is exactly this. */
export function configFileSchema(): Record<string, unknown> {
  const { properties, ...rest } = MergedConfigSchema as unknown as Record<string, unknown>;
  const { $id: _, ...entry } = PluginEntry as unknown as Record<string, unknown>;
  const entries = (description: string) => ({
    type: 'array',
    description,
    items: { $ref: '#/$defs/PluginEntry' },
  });
  const name = { type: 'string', minLength: 1 };
  const document = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'agentforge:config@1',
    title: 'agentforge configuration',
    ...rest,
    properties: {
      $schema: { type: 'string', description: 'This schema, for editors.' },
      extends: {
        description: 'Presets (by name) or config files (by path) below this one; later ones win.',
        anyOf: [name, { type: 'array', items: { anyOf: [name, { $ref: '#' }] } }, { $ref: '#' }],
      },
      plugins: entries('Plugins beyond the built-in ones, or built-in ones with options.'),
      pipeline: entries('Phases in order.'),
      ...(properties as object),
    },
    $defs: { PluginEntry: entry },
  };
  return JSON.parse(
    JSON.stringify(document).replaceAll('"$ref":"PluginEntry"', '"$ref":"#/$defs/PluginEntry"'),
  ) as Record<string, unknown>;
}
