import type { TSchema } from '@sinclair/typebox';
import { NoOptions, type OptionsInput, type OptionsOutput } from './options.js';
import type { KernelHooks } from './hooks.js';
import type { Logger } from './logger.js';
import type { Token } from './token.js';

/** What a plugin sees of the kernel while it is applied. */
export interface Forge {
  /** The plugin's own view of the lifecycle hooks: every tap is attributed to it. */
  readonly hooks: KernelHooks;
  readonly log: Logger;
  /**
   * Provide an implementation of an extension point under a name. `create` is called with null once, on first use,
   * and again with the overrides whenever somebody resolves the name with options of their own.
   * @throws ForgeError AF_PLUGIN_DUPLICATE when the name is taken by another plugin.
   */
  provide<T>(token: Token<T>, name: string, create: (overrides: Overrides | null) => T): void;
  /**
   * Get an implementation by name, or the only / first-configured one without a name.
   * With `overrides` a fresh one is made, its options laid over the plugin's configured ones (a phase that wants
   * another optimizer preset than the next phase does); the caller owns it.
   * @throws ForgeError AF_PLUGIN_UNKNOWN with the nearest known name, AF_CONFIG_INVALID when the overrides are wrong.
   */
  resolve<T>(token: Token<T>, name?: string, overrides?: Overrides): T;
  /**
   * Check a value against a JSON Schema and fill in its defaults.
   * @param at config path of the value, for messages
   * @throws ForgeError AF_CONFIG_INVALID with every problem
   */
  validate(schema: object, value: unknown, at: string): unknown;
  /** Names provided under a token, in plugin order. */
  names<T>(token: Token<T>): readonly string[];
}

/** Options laid over a plugin's own. */
export type Overrides = Readonly<Record<string, unknown>>;

export type Tier = 'pre' | 'normal' | 'post';

/** A plugin ready to be applied: what a factory returns and a config lists. */
export interface Plugin {
  readonly name: string;
  readonly version?: string;
  /** One line for `agentforge plugins`. */
  readonly description?: string;
  /** Extension point ids this plugin provides, for listings. */
  readonly provides?: readonly string[];
  /** Coarse order; within a tier, `before`/`after` (plugin names) are sorted topologically. */
  readonly tier?: Tier;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** JSON Schema of the options (validated by ajv before `apply`; defaults are filled in). */
  readonly optionsSchema: TSchema;
  /** What the plugin is, whatever its options: the same for all plugins that one factory makes. */
  readonly definition?: object;
  /** Options as the user wrote them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The same plugin with further options laid over its own (used by `phases.<name>` and `--set`). */
  withOptions(extra: Readonly<Record<string, unknown>>): Plugin;
  /** Called once per kernel with validated options. May be asynchronous. Must have no effect beyond `forge`. */
  apply(forge: Forge, options: Readonly<Record<string, unknown>>): void | Promise<void>;
}

interface PluginShape<S extends TSchema> {
  /** What configs and `resolve` call it: lower-case with hyphens, unique. */
  readonly name: string;
  /** For listings. */
  readonly version?: string;
  /** One line for `agentforge plugins`. */
  readonly description?: string;
  /** When it is applied: before or after the others; default `normal`. */
  readonly tier?: Tier;
  /** Names of plugins of its tier that are applied after it. */
  readonly before?: readonly string[];
  /** Names of plugins of its tier that are applied before it. */
  readonly after?: readonly string[];
  /** TypeBox (or plain JSON) schema of the options; leave out for a plugin without options. */
  readonly options?: S;
}

export interface PluginDefinition<S extends TSchema> extends PluginShape<S> {
  /** Ids of the extension points it provides something under, for listings (`[MERGE.id]`). */
  readonly provides?: readonly string[];
  /** Tap hooks, provide implementations. Called once per kernel; no effect beyond `forge`. */
  apply(forge: Forge, options: OptionsOutput<S>): void | Promise<void>;
}

type Arguments<S extends TSchema> =
  {} extends OptionsInput<S> ? [options?: OptionsInput<S>] : [options: OptionsInput<S>];

/** Makes a plugin from options; carries its own description so that configs can name it (`"ties"`). */
export interface PluginFactory<S extends TSchema = TSchema> {
  (...args: Arguments<S>): Plugin;
  readonly pluginName: string;
  readonly description: string | undefined;
  readonly provides: readonly string[];
  readonly optionsSchema: S;
}

/**
 * What a config may write as options of the plugins that a factory makes.
 *
 * @example
 * declare module 'agentforge' {
 *   interface KnownPlugins { 'my-merge': OptionsOf<typeof myMerge> }
 * }
 */
export type OptionsOf<F extends { readonly optionsSchema: TSchema }> = OptionsInput<F['optionsSchema']>;

/** A factory whatever its options are: what catalogues of plugins hold. */
export interface AnyPluginFactory extends Omit<PluginFactory, 'optionsSchema'> {
  (options: never): Plugin;
  readonly optionsSchema: TSchema;
}

/** Define a plugin that may do anything with hooks and extension points. */
export function definePlugin<S extends TSchema = typeof NoOptions>(
  definition: PluginDefinition<S>,
): PluginFactory<S> {
  const optionsSchema = definition.options ?? (NoOptions as unknown as S);
  const make = (options: Readonly<Record<string, unknown>>): Plugin =>
    Object.freeze({
      name: definition.name,
      version: definition.version,
      description: definition.description,
      provides: definition.provides,
      tier: definition.tier,
      before: definition.before,
      after: definition.after,
      optionsSchema,
      definition,
      options,
      withOptions: (extra: Readonly<Record<string, unknown>>) => make(overlay(options, extra)),
      apply: (forge: Forge, validated: Readonly<Record<string, unknown>>) =>
        definition.apply(forge, validated as OptionsOutput<S>),
    });
  const factory = (...args: Arguments<S>): Plugin => make({ ...(args[0] as object | undefined) });
  return Object.assign(factory, {
    pluginName: definition.name,
    description: definition.description,
    provides: definition.provides ?? [],
    optionsSchema,
  });
}

/** What the typed factories (`defineMerge`, `definePhase`, ...) take: a name, options and how to create it. */
export interface ImplementationDefinition<T, S extends TSchema> extends PluginShape<S> {
  /** Make it, on first use. @param options checked, defaults filled in @param forge to ask for what others provide */
  create(options: OptionsOutput<S>, forge: Forge): T;
}

/**
 * The typed factory of one extension point: `defineMerge = defineFor(MERGE)`.
 *
 * @param pluginName what the plugin of an implementation is called; default: as the implementation itself
 */
export function defineFor<T>(token: Token<T>, pluginName: (name: string) => string = (name) => name) {
  return <S extends TSchema = typeof NoOptions>(
    definition: ImplementationDefinition<T, S>,
  ): PluginFactory<S> => {
    const plugin = pluginName(definition.name);
    return definePlugin<S>({
      ...definition,
      name: plugin,
      provides: [token.id],
      apply: (forge, options) =>
        forge.provide(token, definition.name, (overrides) => {
          if (overrides === null) return definition.create(options, forge);
          const schema = definition.options ?? NoOptions;
          const merged = overlay(options as Overrides, overrides);
          return definition.create(forge.validate(schema, merged, plugin) as OptionsOutput<S>, forge);
        }),
    });
  };
}

function overlay(
  base: Readonly<Record<string, unknown>>,
  extra: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(extra)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
    const laid = isPlainObject(below) && isPlainObject(value) ? overlay(below, value) : value;
    // A key `__proto__` must stay a key.
    Object.defineProperty(merged, key, { value: laid, writable: true, enumerable: true, configurable: true });
  }
  return merged;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A record made in another realm (a config evaluated in a vm context) has that realm's Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
