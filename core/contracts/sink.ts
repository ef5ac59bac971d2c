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

/** Lifecycle facts: session and phase start/end, checkpoints, gates, alerts, samples. */
export interface LifecycleEvent {
  readonly type: 'lifecycle';
  readonly event:
    | 'session-start'
    | 'session-end'
    | 'phase-start'
    | 'phase-end'
    | 'checkpoint'
    | 'gate'
    | 'handoff'
    | 'alert'
    | 'model'
    | 'sample'
    | 'pause'
    | 'resume'
    | 'rollback';
  readonly phase: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
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
