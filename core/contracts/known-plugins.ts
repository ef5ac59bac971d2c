import type { Plugin } from './plugin.js';

/**
 * Phases that the compiler knows: what a config may say under `phases.<name>`, and at an entry of `pipeline`. A package
 * adds its own:
 *
 * @example
 * declare module 'agentforge' {
 *   interface KnownPhases { 'my-phase': OptionsOf<typeof myPhase> }
 * }
 */
export interface KnownPhases {}

/** The same for plugins that give no phase: `options.<name>`, and entries of `plugins`. */
export interface KnownPlugins {}

/** Options of a plugin that the compiler does not know: checked when the config is loaded. */
export type OpenOptions = Readonly<Record<string, unknown>>;

/** Options by phase name; names that nobody declared are open. */
export interface PhaseSection extends Partial<KnownPhases> {
  readonly [name: string]: object | undefined;
}

/** Options by plugin name; names that nobody declared are open. */
export interface PluginSection extends Partial<KnownPlugins> {
  readonly [name: string]: object | undefined;
}

type OptionsNamed<N> = N extends keyof KnownPhases
  ? KnownPhases[N]
  : N extends keyof KnownPlugins
    ? KnownPlugins[N]
    : OpenOptions;

/** Any name; editors offer the known ones. */
type PluginName = keyof KnownPhases | keyof KnownPlugins | (string & {});

/**
 * What a config may list as a plugin: an instance, a name, a path, a package, or one of those with options. Falsy entries
 * are skipped, lists in lists count as their members. `N` is the name that stands with options: those of a known name
 * are checked by the compiler.
 */
export type PluginEntry<N = unknown> =
  | PluginInstance
  | PluginName
  | readonly [name: N & PluginName, options: OptionsNamed<N>]
  | { readonly use: N & PluginName; readonly options?: OptionsNamed<N> }
  | false
  | null
  | undefined
  | PluginEntries;

/** A plugin. By `use`, which it has not, the compiler tells it from a record and knows which options it must check. */
interface PluginInstance extends Plugin {
  readonly use?: never;
}

/** A list inside of a list: its options are not checked before the config is loaded. */
interface PluginEntries extends ReadonlyArray<PluginEntry> {}
