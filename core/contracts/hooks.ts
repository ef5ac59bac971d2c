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
  /** A run begins: its session is open, no phase has started. */
  readonly onBeforePipeline: AsyncSeriesHook<[PipelineFacts], TapFacts>;
  /** A phase is next; its input is not checked yet. */
  readonly onBeforePhase: AsyncSeriesHook<[PhaseFacts], TapFacts>;
  /** After the JSON Schema of the input passed; throw to refuse it. */
  readonly validateInput: AsyncSeriesHook<[PhaseFacts, Handoff | null], TapFacts>;
  /** After the phase returned and its handoff schema passed; throw to refuse the result. */
  readonly validateOutput: AsyncSeriesHook<[PhaseFacts, PhaseResult], TapFacts>;
  /** After the result was accepted. Return the handoff to pass on; it is validated again. */
  readonly modifyHandoff: AsyncSeriesWaterfallHook<[Handoff, PhaseFacts], Handoff, TapFacts>;
  /** Each gate of a phase, before a missed one stops the run. */
  readonly onGate: AsyncSeriesHook<[PhaseFacts, GateResult], TapFacts>;
  /** A phase is completed and recorded. */
  readonly onAfterPhase: AsyncSeriesHook<[PhaseFacts, PhaseResult], TapFacts>;
  /** A checkpoint of a phase is safely stored. */
  readonly onCheckpoint: AsyncSeriesHook<[PhaseFacts, { readonly step: number }], TapFacts>;
  /** Everything sinks see: metrics, progress, log, lifecycle. Synchronous and hot: return at once. */
  readonly onEvent: SyncHook<[RunEvent], void, TapFacts>;
  /** A phase has met trouble. Choose one of `actions` by returning it; return undefined to leave it to the next tap. */
  readonly resolveIntervention: AsyncSeriesBailHook<[Intervention], string | undefined, TapFacts>;
  /** A phase has failed and is recorded as failed; its last checkpoint is kept. */
  readonly onPhaseFailed: AsyncSeriesHook<[PhaseFacts, unknown], TapFacts>;
  /** A session was taken back to the end of an earlier phase. */
  readonly onRollback: AsyncSeriesHook<[{ readonly sessionId: string; readonly toPhase: string }], TapFacts>;
  /** A phase has saved itself and stopped because a pause was asked for. */
  readonly onPause: AsyncSeriesHook<[PhaseFacts], TapFacts>;
  /** A run goes on with an earlier session; before `onBeforePipeline`. */
  readonly onResume: AsyncSeriesHook<[PipelineFacts], TapFacts>;
  /** The run is over, however it ended. */
  readonly onDone: AsyncSeriesHook<
    [PipelineFacts, { readonly status: 'completed' | 'failed' | 'paused' }],
    TapFacts
  >;
  /** The kernel goes. Release what the plugin holds; last tapped first, and every tap runs even when one throws. */
  readonly onDispose: AsyncSeriesHook<[], TapFacts>;
}
