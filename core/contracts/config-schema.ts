import { Type, type Static, type TProperties } from '@sinclair/typebox';
import type { ForgeConfig } from './config.js';
import type { PhaseSection, PluginEntry, PluginSection } from './known-plugins.js';
import { pathOption, withDefault } from './options.js';

const closed = { additionalProperties: false } as const;

function section<P extends TProperties>(description: string, properties: P) {
  const schema = Type.Object(properties, { ...closed, description });
  return withDefault(schema, {} as Static<typeof schema>);
}

const name = (description: string) => Type.String({ minLength: 1, description });
const count = (minimum: number, description: string) => Type.Integer({ minimum, description });

const Storage = section('Where things are stored.', {
  root: withDefault(
    pathOption({ description: 'Folder of registry, artifacts and sessions, relative to this file.' }),
    '.agentforge',
  ),
  keepCheckpoints: withDefault(count(1, 'Newest checkpoints kept of a phase that does not say how many.'), 3),
});

const Data = section('Where data comes from.', {
  root: withDefault(
    Type.Union([pathOption({ description: 'Folder of the datasets, relative to this file.' }), Type.Null()], {
      description: 'Folder of the datasets; null: AGENTFORGE_DATA, else none.',
    }),
    null,
  ),
  cache: Type.Optional(
    pathOption({
      description:
        'Folder for downloaded datasets, relative to this file; default: `cache` in the storage folder.',
    }),
  ),
});

const Gates = section('What missed gates do. Integrity gates always stop the run.', {
  policy: withDefault(
    Type.Union([Type.Literal('research'), Type.Literal('strict')], {
      description: 'What a missed target does: `research` reports it and goes on, `strict` stops.',
    }),
    'research',
  ),
});

const Cleanup = section('What may be deleted, and when.', {
  completedDays: withDefault(count(0, 'Age in days at which completed sessions may go.'), 30),
  failedDays: withDefault(count(0, 'Age in days at which failed sessions may go.'), 7),
  maxSessions: withDefault(count(1, 'Newest sessions kept.'), 100),
  auto: withDefault(
    Type.Boolean({ description: 'Clean up after every completed run; `clean` does it at any time.' }),
    false,
  ),
});

/** What of a config is a plain value, whatever plugins there are. */
export const ConfigSettings = Type.Object(
  {
    /** Seed of every random stream. */
    seed: withDefault(
      Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1, description: 'Seed of every random stream.' }),
      42,
    ),
    /** Name of the engine plugin to compute with. */
    engine: withDefault(name('Name of the compute engine.'), 'onnxruntime'),
    /** Name of the registry plugin. */
    registry: withDefault(name('Name of the registry plugin.'), 'lowdb'),
    /** Names of sinks to open, besides those of plugins that nearer configs list; null: console and jsonl. */
    sinks: withDefault(
      Type.Union([Type.Array(name('Name of a sink.')), Type.Null()], {
        description:
          'Sinks to open, besides those of plugins that nearer layers list; null: console and jsonl.',
      }),
      null,
    ),
    /** Where things are stored. */
    storage: Storage,
    /** Where data comes from. */
    data: Data,
    /** What missed targets do. Integrity gates always stop the run. */
    gates: Gates,
    /** What may be deleted, and when. */
    cleanup: Cleanup,
  },
  closed,
);

/**
 * The one definition of a config: its TypeScript types come from it, the merged config is checked by it, and the JSON
 * Schema for editors is made of it. What other configs and plugins are, and which options they take, is checked where
 * they are loaded.
 */
export const ConfigSchema = Type.Object(
  {
    /** Configs or presets (by value, name or path) below this one; later ones win over earlier ones. */
    extends: Type.Optional(
      Type.Unsafe<string | ForgeConfig | readonly (string | ForgeConfig)[]>({
        description: 'Presets (by name) or config files (by path) below this one; later ones win.',
      }),
    ),
    /** Plugins beyond the built-in ones, or built-in ones with options. */
    plugins: Type.Optional(
      Type.Unsafe<readonly PluginEntry[]>({
        type: 'array',
        default: [],
        description: 'Plugins beyond the built-in ones, or built-in ones with options.',
      }),
    ),
    /** Phases in order. */
    pipeline: Type.Optional(
      Type.Unsafe<readonly PluginEntry[]>({ type: 'array', default: [], description: 'Phases in order.' }),
    ),
    /** Options by phase name; of one config, over those at its entry of `pipeline`. A nearer config wins in any form. */
    phases: Type.Optional(
      Type.Unsafe<PhaseSection>({
        type: 'object',
        additionalProperties: { type: 'object' },
        default: {},
        description: 'Options by phase name; of one file, over those at its entry of `pipeline`.',
      }),
    ),
    /** Options by plugin name; of one config, over those at its entry of `plugins`. A nearer config wins in any form. */
    options: Type.Optional(
      Type.Unsafe<PluginSection>({
        type: 'object',
        additionalProperties: { type: 'object' },
        default: {},
        description: 'Options by plugin name; of one file, over those at its entry of `plugins`.',
      }),
    ),
    ...ConfigSettings.properties,
  },
  { ...closed, description: 'Configuration of agentforge.' },
);
