import { ForgeError, isForgeError } from '../errors/index.js';
import { messageOf } from '../errors/message-of.js';
import { describeValue } from '../validation/describe.js';
import { isPlainObject } from '../validation/plain.js';
import type { HookName, RegisteredTap } from './hooks.js';
import { isThenable, namesItsPlugin, type PluginCall, type PluginCalls } from './plugin-calls.js';
import type { TapClock } from './tap-clock.js';

export interface TapWatch {
  readonly clock: TapClock;
  readonly calls: PluginCalls;
  /** Hears of a tap that may fail without stopping anything (`onEvent`, `onDone`, `onDispose`). */
  readonly onTrouble: (hook: LenientHook, error: Error) => void;
}

/** Hooks whose taps hide nothing when they fail: the other taps are called all the same. */
export type LenientHook = 'onEvent' | 'onDone' | 'onDispose';

type Tapped = RegisteredTap['fn'];

/**
 * Give a tap its plugin's name, measure it, and turn what it throws into AF_PLUGIN_HOOK. Three hooks are lenient: an
 * `onEvent` tap that fails is switched off with one warning, as a sink would be, and all `onDone` and `onDispose`
 * taps run whatever one of them throws; nobody waits for them longer than the kernel's patience.
 *
 * Every other tap becomes one that is awaited, however it was made: `tap` takes an async function as well.
 */
export function wrapTap(hook: HookName, tap: RegisteredTap, watch: TapWatch): RegisteredTap {
  const plugin = tap.plugin ?? tap.name;
  if (hook === 'onEvent') return { ...tap, fn: eventTap(plugin, tap.fn, watch) };
  const fn = tap.type === 'async' ? promised(tap.fn) : tap.fn;
  return { ...tap, type: 'promise', fn: awaitedTap(hook, plugin, fn, watch) };
}

function awaitedTap(hook: HookName, plugin: string, fn: Tapped, watch: TapWatch): Tapped {
  const call: PluginCall = { plugin, what: `hook ${hook}` };
  const lenient = hook === 'onDispose' || hook === 'onDone' ? hook : null;
  return async (...args) => {
    const stop = watch.clock.start(hook, plugin);
    try {
      const result = await watch.calls.wait(call, () => fn(...args), lenient === null ? 'always' : 'briefly');
      return checked(hook, result);
    } catch (cause) {
      const error = namesItsPlugin(cause) ? cause : hookError(plugin, hook, cause);
      if (lenient === null) throw error;
      watch.onTrouble(lenient, error);
      return undefined;
    } finally {
      stop();
    }
  };
}

/** A tap of `tapAsync` as one of `tapPromise`. */
function promised(fn: Tapped): Tapped {
  return (...args) =>
    new Promise((resolve, reject) => {
      fn(...args, (error?: unknown, result?: unknown) => {
        if (error === undefined || error === null || error === false) resolve(result);
        else reject(error as Error);
      });
    });
}

/** `onEvent` is called for every metric: it is not awaited, and a broken tap stays silent after its warning. */
function eventTap(plugin: string, fn: Tapped, watch: TapWatch): Tapped {
  let broken = false;
  const fail = (cause: unknown): void => {
    if (broken) return;
    broken = true;
    watch.onTrouble('onEvent', namesItsPlugin(cause) ? cause : hookError(plugin, 'onEvent', cause));
  };
  const call: PluginCall = { plugin, what: 'hook onEvent', onStray: fail };
  return (...args) => {
    if (broken) return;
    const started = performance.now();
    try {
      const result = watch.calls.inside(call, () => fn(...args));
      if (isThenable(result)) result.then(undefined, fail);
    } catch (cause) {
      fail(cause);
    }
    watch.clock.add('onEvent', plugin, performance.now() - started);
  };
}

/** A waterfall passes on what a tap returns: refuse at the tap that returned it what is no record. */
function checked(hook: HookName, result: unknown): unknown {
  if (hook !== 'modifyConfig' && hook !== 'modifyHandoff') return result;
  if (result === undefined || isPlainObject(result)) return result;
  throw new TypeError(`it returned ${describeValue(result)} instead of an object`);
}

/** A tap that failed, saying who and where; the original error is the cause. */
export function hookError(plugin: string, hook: string, cause: unknown): ForgeError {
  return new ForgeError('AF_PLUGIN_HOOK', `Plugin "${plugin}" failed in hook ${hook}: ${messageOf(cause)}`, {
    at: `plugin ${plugin}, hook ${hook}`,
    cause,
    fix: `Look at what the plugin "${plugin}" does in ${hook}, or take it out of the config.`,
    facts: { plugin, hook, ...(isForgeError(cause) ? { code: cause.code } : {}) },
  });
}
