import type { Static } from '@sinclair/typebox';
import type { ConfigSchema, ConfigSettings } from './config-schema.js';
import type { OpenOptions, PluginEntry } from './known-plugins.js';
import type { OptionsInput } from './options.js';

/** What a person writes in agentforge.config.{ts,js,json,yaml}. Everything may be left out. */
export interface ForgeConfig extends Readonly<OptionsInput<typeof ConfigSchema>> {}

type Settings = Static<typeof ConfigSettings>;

/** A plugin or phase with its options, every default filled in. */
interface ResolvedPlugin {
  readonly name: string;
  readonly options: OpenOptions;
}

/** The config after files, presets, defaults, hooks and `--set`, as stored with every session. */
export interface ResolvedConfig extends DeepReadonly<Omit<Settings, 'data'>> {
  readonly plugins: readonly ResolvedPlugin[];
  readonly pipeline: readonly ResolvedPlugin[];
  readonly data: Readonly<Required<Settings['data']>>;
}

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

const LAYER_NAME = Symbol.for('agentforge.layer');

/**
 * A config with a name for `config --explain` and for errors, instead of where it stands in `extends`. A copy made by
 * spreading has no name: it is another config.
 */
export function namedLayer(name: string, config: ForgeConfig): ForgeConfig {
  return Object.defineProperty({ ...config }, LAYER_NAME, { value: name });
}

/** The name that {@link namedLayer} gave, or null. */
export function layerName(config: unknown): string | null {
  const name: unknown =
    typeof config === 'object' && config !== null ? Reflect.get(config, LAYER_NAME) : undefined;
  return typeof name === 'string' ? name : null;
}

/** A config of which the compiler knows by name what `plugins` and `pipeline` list with options. */
interface CheckedConfig<P extends readonly unknown[], L extends readonly unknown[]> extends Omit<
  ForgeConfig,
  'plugins' | 'pipeline'
> {
  /** Plugins beyond the built-in ones, or built-in ones with options. */
  readonly plugins?: { readonly [I in keyof P]: PluginEntry<P[I]> };
  /** Phases in order. */
  readonly pipeline?: { readonly [I in keyof L]: PluginEntry<L[I]> };
}

type MaybePromise<T> = T | Promise<T>;

/**
 * A config, or a function that makes one, checked by the compiler: options of known phases and plugins wherever they are
 * written. What a function returns is checked less; let it return what `defineConfig` gives.
 */
export function defineConfig<
  const P extends readonly unknown[] = readonly unknown[],
  const L extends readonly unknown[] = readonly unknown[],
  R extends MaybePromise<ForgeConfig> = never,
>(
  config: CheckedConfig<P, L> | (() => R),
): [R] extends [never] ? ForgeConfig : () => MaybePromise<ForgeConfig>;
export function defineConfig(config: unknown): unknown {
  return config;
}
