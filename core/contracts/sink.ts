import type { MetricPoint } from './metrics.js';
import { defineFor } from './plugin.js';
import { createToken } from './token.js';

/** Progress of the longest-running task at hand. */
export interface ProgressEvent {
  readonly type: 'progress';
  readonly phase: string;
  /** What is going on, for example `trunk` or `reasoning`. */
  readonly task: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** Shown in the live line: loss, tokens/s, ... */
  readonly values: Readonly<Record<string, number>>;
  /** Estimated seconds to the end of the task; null until two measurements exist. */
  readonly etaSeconds: number | null;
  /** How much of the whole phase is done, 0..1, when the phase knows; goes to the session's progress. */
  readonly phaseFraction?: number;
  readonly time: number;
}

export interface LogEvent {
  readonly type: 'log';
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly source: string;
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly time: number;
}

/** Plain data about something that happened. */
type EventFacts = Readonly<Record<string, unknown>>;

/** How much an alert asks of a person: nothing, to look at it some time, or at once. */
export type Severity = 'info' | 'warning' | 'critical';

/** Facts of an alert: the words of the phase, or trouble with the decision that was taken about it. */
export interface AlertFacts extends EventFacts {
  /** Default: `warning`. */
  readonly severity?: Severity;
  readonly message?: string;
}

/**
 * Lifecycle events by name, with their facts. A plugin that emits one of its own declares it:
 *
 * @example
 * declare module 'agentforge' {
 *   interface LifecycleEvents { 'expert-found': { readonly layer: number; readonly share: number } }
 * }
 */
export interface LifecycleEvents {
  'session-start': EventFacts;
  'session-end': EventFacts;
  'phase-start': EventFacts;
  'phase-end': EventFacts;
  checkpoint: EventFacts;
  gate: EventFacts;
  handoff: EventFacts;
  alert: AlertFacts;
  model: EventFacts;
  sample: EventFacts;
  pause: EventFacts;
  resume: EventFacts;
  rollback: EventFacts;
}

/** Lifecycle facts: session and phase start/end, checkpoints, gates, alerts, samples. */
export interface LifecycleEvent {
  readonly type: 'lifecycle';
  /** A sink may meet events that it does not know: those of plugins. */
  readonly event: keyof LifecycleEvents;
  readonly phase: string | null;
  readonly facts: EventFacts;
  readonly time: number;
}

export type RunEvent =
  ({ readonly type: 'metric' } & MetricPoint) | ProgressEvent | LogEvent | LifecycleEvent;

/** What a sink learns when it is opened. */
export interface SinkContext {
  readonly sessionId: string;
  /** Folder of the session; a sink writes only below it. */
  readonly folder: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Whether the session is being resumed: append, do not overwrite. */
  readonly resumed: boolean;
}

/** Why a sink is flushed. */
export interface FlushPoint {
  /** What is written later is made and written again when the session is resumed after a crash. */
  readonly resumable: boolean;
}

/** Receives everything that happens. May throw: it is then disabled with one warning and the run goes on. */
export interface Sink {
  open?(context: SinkContext): void | Promise<void>;
  /** Must return quickly; buffer inside. */
  write(event: RunEvent): void;
  /** Called at checkpoints and at the end: everything written so far must be durable. */
  flush?(point?: FlushPoint): void | Promise<void>;
  close?(): void | Promise<void>;
}

export const SINK = createToken<Sink>('sink', {
  open: 'function?',
  write: 'function',
  flush: 'function?',
  close: 'function?',
});
/** Define a metric sink. */
export const defineSink = defineFor(SINK);
