import type { Plugin } from './plugin.js';

/** What a config may list as a plugin: an instance, a name, a path, a package, or a pair with options. Falsy entries are skipped. */
export type PluginEntry =
  | Plugin
  | string
  | readonly [name: string, options: Readonly<Record<string, unknown>>]
  | { readonly use: string; readonly options?: Readonly<Record<string, unknown>> }
  | false
  | null
  | undefined
  | readonly PluginEntry[];

/** What a person writes in agentforge.config.{ts,js,json,yaml}. Everything may be left out. */
export interface ForgeConfig {
  /** Configs or presets (by value, name or path) below this one; later ones win over earlier ones. */
  readonly extends?: string | ForgeConfig | readonly (string | ForgeConfig)[];
  /** Seed of every random stream. */
  readonly seed?: number;
  readonly plugins?: readonly PluginEntry[];
  /** Phases in order. */
  readonly pipeline?: readonly PluginEntry[];
  /** Options by phase name; of one config, over those at its entry of `pipeline`. A nearer config wins in any form. */
  readonly phases?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Options by plugin name; of one config, over those at its entry of `plugins`. A nearer config wins in any form. */
  readonly options?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Name of the engine plugin to compute with. */
  readonly engine?: string;
  /** Name of the registry plugin. */
  readonly registry?: string;
  /** Names of sinks to open, besides those of plugins that nearer configs list; default: console and jsonl. */
  readonly sinks?: readonly string[] | null;
  readonly storage?: { readonly root?: string; readonly keepCheckpoints?: number };
  readonly data?: { readonly root?: string | null; readonly cache?: string };
  readonly gates?: {
    /** `research` reports a missed target and goes on; `strict` stops. Integrity gates always stop. */
    readonly policy?: 'research' | 'strict';
  };
  readonly cleanup?: {
    readonly completedDays?: number;
    readonly failedDays?: number;
    readonly maxSessions?: number;
    readonly auto?: boolean;
  };
}

/** The config after files, presets, defaults, hooks and `--set`, as stored with every session. */
export interface ResolvedConfig {
  readonly seed: number;
  readonly plugins: readonly { readonly name: string; readonly options: Readonly<Record<string, unknown>> }[];
  readonly pipeline: readonly {
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>>;
  }[];
  readonly engine: string;
  readonly registry: string;
  readonly sinks: readonly string[] | null;
  readonly storage: { readonly root: string; readonly keepCheckpoints: number };
  readonly data: { readonly root: string | null; readonly cache: string };
  readonly gates: { readonly policy: 'research' | 'strict' };
  readonly cleanup: {
    readonly completedDays: number;
    readonly failedDays: number;
    readonly maxSessions: number;
    readonly auto: boolean;
  };
}

const LAYER_NAME = Symbol.for('agentforge.layer');

/**
 * A config with a name for `config --explain` and for errors, instead of where it stands in `extends`. A copy made by
 * spreading has no name: it is another config.
 */
export function namedLayer<C extends ForgeConfig>(name: string, config: C): C {
  return Object.defineProperty({ ...config }, LAYER_NAME, { value: name });
}

/** The name that {@link namedLayer} gave, or null. */
export function layerName(config: unknown): string | null {
  const name: unknown =
    typeof config === 'object' && config !== null ? Reflect.get(config, LAYER_NAME) : undefined;
  return typeof name === 'string' ? name : null;
}

/** Options of phases and plugins by name, merged into the types of `ForgeConfig` for autocomplete. */
export function defineConfig(config: ForgeConfig): ForgeConfig;
export function defineConfig(
  config: () => ForgeConfig | Promise<ForgeConfig>,
): () => ForgeConfig | Promise<ForgeConfig>;
export function defineConfig<T>(config: T): T {
  return config;
}
