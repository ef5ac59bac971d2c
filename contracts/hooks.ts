import type { AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook, SyncHook } from 'tapable';
import type { ResolvedConfig } from './config.js';
import type { Handoff } from './handoff.js';
import type { GateResult, PhaseResult } from './phase.js';
import type { RunEvent } from './sink.js';

/** Options a tap may carry besides its name; `plugin` is filled in by the kernel. */
export interface TapFacts {
  readonly plugin?: string;
}

export interface PipelineFacts {
  readonly sessionId: string;
  readonly phases: readonly string[];
  readonly resumed: boolean;
}

export interface PhaseFacts {
  readonly sessionId: string;
  readonly phase: string;
  readonly index: number;
  readonly total: number;
}

export interface Intervention {
  readonly phase: string;
  readonly trouble: string;
  readonly actions: readonly string[];
  /** What happens when no tap decides. */
  readonly fallback: string;
}

/**
 * The lifecycle, in the order it happens. `modifyX` is a waterfall (return the new value), `onX` a notification,
 * `resolveX` asks until somebody answers, `validateX` may throw to refuse.
 */
export interface KernelHooks {
  /** After files and presets are merged, before validation. Return the config to use. */
  readonly modifyConfig: AsyncSeriesWaterfallHook<
    [Record<string, unknown>],
    Record<string, unknown>,
    TapFacts
  >;
  /** Every plugin is applied; implementations may be resolved from here on. */
  readonly onPluginsReady: AsyncSeriesHook<[ResolvedConfig], TapFacts>;
  readonly onBeforePipeline: AsyncSeriesHook<[PipelineFacts], TapFacts>;
  readonly onBeforePhase: AsyncSeriesHook<[PhaseFacts], TapFacts>;
  /** After the JSON Schema of the input passed; throw to refuse it. */
  readonly validateInput: AsyncSeriesHook<[PhaseFacts, Handoff | null], TapFacts>;
  /** After the phase returned and its handoff schema passed; throw to refuse the result. */
  readonly validateOutput: AsyncSeriesHook<[PhaseFacts, PhaseResult], TapFacts>;
  /** Return the handoff to pass on; it is validated again. */
  readonly modifyHandoff: AsyncSeriesWaterfallHook<[Handoff, PhaseFacts], Handoff, TapFacts>;
  readonly onGate: AsyncSeriesHook<[PhaseFacts, GateResult], TapFacts>;
  readonly onAfterPhase: AsyncSeriesHook<[PhaseFacts, PhaseResult], TapFacts>;
  readonly onCheckpoint: AsyncSeriesHook<[PhaseFacts, { readonly step: number }], TapFacts>;
  /** Everything sinks see: metrics, progress, log, lifecycle. Synchronous and hot: return at once. */
  readonly onEvent: SyncHook<[RunEvent], void, TapFacts>;
  /** Choose one of `actions` by returning it; return undefined to leave it to the next tap. */
  readonly resolveIntervention: AsyncSeriesBailHook<[Intervention], string | undefined, TapFacts>;
  readonly onPhaseFailed: AsyncSeriesHook<[PhaseFacts, unknown], TapFacts>;
  readonly onRollback: AsyncSeriesHook<[{ readonly sessionId: string; readonly toPhase: string }], TapFacts>;
  readonly onPause: AsyncSeriesHook<[PhaseFacts], TapFacts>;
  readonly onResume: AsyncSeriesHook<[PipelineFacts], TapFacts>;
  readonly onDone: AsyncSeriesHook<
    [PipelineFacts, { readonly status: 'completed' | 'failed' | 'paused' }],
    TapFacts
  >;
  /** Release what the plugin holds; every tap runs even when one throws. */
  readonly onDispose: AsyncSeriesHook<[], TapFacts>;
}
