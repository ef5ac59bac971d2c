import { describeValue } from '../validation/describe.js';
import { isPlainObject } from '../validation/plain.js';
import { hookError } from './errors.js';
import type { HookName, RegisteredTap } from './hooks.js';
import type { TapClock } from './tap-clock.js';

export interface TapWatch {
  readonly clock: TapClock;
  /** Hears of a tap that may fail without stopping anything (`onEvent`, `onDispose`). */
  readonly onTrouble: (hook: 'onEvent' | 'onDispose', error: Error) => void;
}

type Tapped = RegisteredTap['fn'];

/**
 * Give a tap its plugin's name, measure it, and turn what it throws into AF_PLUGIN_HOOK. Two hooks are lenient: an
 * `onEvent` tap that throws is switched off with one warning, as a sink would be, and all `onDispose` taps run
 * whatever one of them throws.
 */
export function wrapTap(hook: HookName, tap: RegisteredTap, watch: TapWatch): RegisteredTap {
  const plugin = tap.plugin ?? tap.name;
  if (hook === 'onEvent') return { ...tap, fn: eventTap(plugin, tap.fn, watch) };
  const call: Call = { hook, plugin, watch };
  if (tap.type === 'sync') return { ...tap, fn: syncTap(tap.fn, call) };
  return { ...tap, type: 'promise', fn: promiseTap(tap.type === 'async' ? promised(tap.fn) : tap.fn, call) };
}

interface Call {
  readonly hook: HookName;
  readonly plugin: string;
  readonly watch: TapWatch;
}

function syncTap(fn: Tapped, call: Call): Tapped {
  return (...args) => {
    const stop = call.watch.clock.start(call.hook, call.plugin);
    try {
      return checked(call, fn(...args));
    } catch (cause) {
      failed(call, cause);
      return undefined;
    } finally {
      stop();
    }
  };
}

function promiseTap(fn: Tapped, call: Call): Tapped {
  return async (...args) => {
    const stop = call.watch.clock.start(call.hook, call.plugin);
    try {
      return checked(call, await fn(...args));
    } catch (cause) {
      failed(call, cause);
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

/** `onEvent` is called for every metric: no allocation per call, and a broken tap stays silent after its warning. */
function eventTap(plugin: string, fn: Tapped, watch: TapWatch): Tapped {
  let broken = false;
  return (...args) => {
    if (broken) return;
    const started = performance.now();
    try {
      fn(...args);
    } catch (cause) {
      broken = true;
      watch.onTrouble('onEvent', hookError(plugin, 'onEvent', cause));
    }
    watch.clock.add('onEvent', plugin, performance.now() - started);
  };
}

function failed({ hook, plugin, watch }: Call, cause: unknown): void {
  const error = hookError(plugin, hook, cause);
  if (hook !== 'onDispose') throw error;
  watch.onTrouble(hook, error);
}

/** A waterfall passes on what a tap returns: refuse at the tap that returned it what is no record. */
function checked({ hook }: Call, result: unknown): unknown {
  if (hook !== 'modifyConfig' && hook !== 'modifyHandoff') return result;
  if (result === undefined || isPlainObject(result)) return result;
  throw new TypeError(`it returned ${describeValue(result)} instead of an object`);
}
