import { createRequire } from 'node:module';
import type { KernelHooks } from '../contracts/index.js';
import { wrapTap, type TapWatch } from './wrap-tap.js';

// Required: an import would load the hooks of all kinds, to name them as exports.
const { AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook, SyncHook } = createRequire(
  import.meta.url,
)('tapable') as typeof import('tapable');

export type HookName = keyof KernelHooks;

/** Hooks in the order of the lifecycle, each with its own name, frozen; every tap is wrapped once by {@link wrapTap}. */
export function createHooks(watch: TapWatch): KernelHooks {
  const hooks: KernelHooks = {
    modifyConfig: new AsyncSeriesWaterfallHook(['config'], 'modifyConfig'),
    onPluginsReady: new AsyncSeriesHook(['config'], 'onPluginsReady'),
    onBeforePipeline: new AsyncSeriesHook(['pipeline'], 'onBeforePipeline'),
    onBeforePhase: new AsyncSeriesHook(['phase'], 'onBeforePhase'),
    validateInput: new AsyncSeriesHook(['phase', 'handoff'], 'validateInput'),
    validateOutput: new AsyncSeriesHook(['phase', 'result'], 'validateOutput'),
    modifyHandoff: new AsyncSeriesWaterfallHook(['handoff', 'phase'], 'modifyHandoff'),
    onGate: new AsyncSeriesHook(['phase', 'gate'], 'onGate'),
    onAfterPhase: new AsyncSeriesHook(['phase', 'result'], 'onAfterPhase'),
    onCheckpoint: new AsyncSeriesHook(['phase', 'checkpoint'], 'onCheckpoint'),
    onEvent: new SyncHook(['event'], 'onEvent'),
    resolveIntervention: new AsyncSeriesBailHook(['intervention'], 'resolveIntervention'),
    onPhaseFailed: new AsyncSeriesHook(['phase', 'error'], 'onPhaseFailed'),
    onRollback: new AsyncSeriesHook(['rollback'], 'onRollback'),
    onPause: new AsyncSeriesHook(['phase'], 'onPause'),
    onResume: new AsyncSeriesHook(['pipeline'], 'onResume'),
    onDone: new AsyncSeriesHook(['pipeline', 'outcome'], 'onDone'),
    onDispose: new AsyncSeriesHook([], 'onDispose'),
  };
  for (const [name, hook] of Object.entries(hooks) as [HookName, Interceptable][]) {
    hook.intercept({ register: (tap) => wrapTap(name, tap, watch) });
  }
  reverseOrder(hooks.onDispose as unknown as Interceptable);
  return Object.freeze(hooks);
}

/** A plugin's own view of the hooks: the same hooks, every tap carrying the plugin's name. It cannot call them. */
export function hooksFor(hooks: KernelHooks, plugin: string): KernelHooks {
  const entries = Object.entries(hooks) as [HookName, Interceptable][];
  const views = entries.map(([name, hook]) => [name, Object.freeze(hook.withOptions({ plugin }))] as const);
  return Object.freeze(Object.fromEntries(views)) as unknown as KernelHooks;
}

/** What was taken last is released first: each tap goes before all earlier ones. */
function reverseOrder(hook: Interceptable): void {
  let taps = 0;
  hook.intercept({ register: (tap) => ({ ...tap, stage: -(taps += 1) }) });
}

/** What all hooks have in common, whatever their arguments. */
interface Interceptable {
  intercept(interceptor: { register: (tap: RegisteredTap) => RegisteredTap }): void;
  withOptions(options: { readonly plugin: string }): object;
}

export interface RegisteredTap {
  readonly name: string;
  readonly type: 'sync' | 'async' | 'promise';
  readonly fn: (...args: unknown[]) => unknown;
  readonly plugin?: string;
  readonly stage?: number;
}
