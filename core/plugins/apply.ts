import type { Forge, KernelHooks, Logger } from '../contracts/index.js';
import { ForgeError, isForgeError } from '../errors/index.js';
import { messageOf } from '../errors/message-of.js';
import type { ExtensionPoints } from '../kernel/extension-points.js';
import { hooksFor } from '../kernel/hooks.js';
import { namesItsPlugin, type PluginCalls } from '../kernel/plugin-calls.js';
import { validated } from '../validation/validated.js';
import type { Validator } from '../validation/validator.js';
import type { ReadyPlugin } from './options.js';

export interface ApplyWorld {
  readonly hooks: KernelHooks;
  readonly points: ExtensionPoints;
  readonly calls: PluginCalls;
  readonly validator: Validator;
  readonly logger: (source: string) => Logger;
}

/**
 * Apply plugins one after the other, each with its own view of hooks and log.
 * @throws ForgeError AF_PLUGIN_APPLY naming the plugin, AF_PLUGIN_DUPLICATE
 */
export async function applyPlugins(plugins: readonly ReadyPlugin[], world: ApplyWorld): Promise<void> {
  for (const ready of plugins) {
    try {
      await applyPlugin(ready, world);
    } catch (cause) {
      if (namesItsPlugin(cause) || isForgeError(cause, 'AF_PLUGIN_DUPLICATE')) throw cause;
      throw applyError(ready, cause);
    }
  }
}

async function applyPlugin(ready: ReadyPlugin, world: ApplyWorld): Promise<void> {
  const { plugin, applied } = ready;
  const state = { applied: false };
  const forge = forgeFor(ready, world, () => state.applied);
  const call = { plugin: plugin.name, what: 'apply' };
  await world.calls.wait(call, () => plugin.apply(forge, applied));
  state.applied = true;
}

function forgeFor(
  { plugin, origin }: ReadyPlugin,
  { hooks, points, logger, validator }: ApplyWorld,
  applied: () => boolean,
): Forge {
  const provider = { plugin: plugin.name, builtin: origin === 'builtin' };
  return Object.freeze<Forge>({
    hooks: hooksFor(hooks, plugin.name),
    log: logger(plugin.name),
    provide: (token, name, create) => {
      if (applied()) throw lateError(plugin.name, token.id, name);
      points.provide(token, name, create, provider);
    },
    resolve: (token, name, overrides) => points.resolve(token, name, overrides),
    validate: (schema, value, at) => validated(validator, schema, value, at),
    names: (token) => points.names(token),
  });
}

function lateError(plugin: string, point: string, name: string): ForgeError {
  return new ForgeError(
    'AF_PLUGIN_LATE',
    `Plugin "${plugin}" provides ${point} "${name}" after it was applied.`,
    {
      at: `plugin ${plugin}, apply`,
      fix: 'Call forge.provide before apply returns, or before the promise it returns is resolved.',
      facts: { plugin, point, name },
    },
  );
}

function applyError({ plugin, source }: ReadyPlugin, cause: unknown): ForgeError {
  return new ForgeError(
    'AF_PLUGIN_APPLY',
    `Plugin "${plugin.name}" failed while it was being applied: ${messageOf(cause)}`,
    {
      at: `plugin ${plugin.name} (${source})`,
      cause,
      fix: `Look at what "${plugin.name}" does in apply, or take it out of the config.`,
      facts: { plugin: plugin.name, ...(isForgeError(cause) ? { code: cause.code } : {}) },
    },
  );
}
