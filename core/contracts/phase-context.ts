import type { Engine } from './engine.js';
import type { Logger } from './logger.js';
import type { MetricValue } from './metrics.js';
import type { Overrides } from './plugin.js';
import type { LifecycleEvents, ProgressEvent } from './sink.js';
import type { ArtifactStore, CheckpointArea } from './store.js';
import type { Token } from './token.js';

/**
 * What a running phase may touch, in four parts. A function takes the part it uses: what only measures and reports
 * asks for a {@link RecordContext} and can be tested with one of two lines.
 */
export interface PhaseContext extends ResolveContext, RecordContext, StoreContext, ControlContext {}

/** What results are made from: plugins, checked values, data, the run's seed. Planning has it too. */
export interface PlanContext {
  /** Run seed; derive named streams from it (nn/random). */
  readonly seed: number;
  /** Data folders, from config and environment. */
  readonly data: { readonly root: string | null; readonly cache: string };
  /** As in {@link Forge.resolve}. */
  resolve<T>(token: Token<T>, name?: string, overrides?: Overrides): T;
  names<T>(token: Token<T>): readonly string[];
  /**
   * Check a value against a JSON Schema and fill in its defaults.
   * @param at config path of the value, for messages
   * @throws ForgeError AF_CONFIG_INVALID with every problem
   */
  validate(schema: object, value: unknown, at: string): unknown;
}

/** The same with what computes. */
export interface ResolveContext extends PlanContext {
  /** Opened on first use; shared by all phases of the run. */
  engine(): Promise<Engine>;
}

/** Where what happens is told: sinks, log, live display. */
export interface RecordContext {
  readonly log: Logger;
  /** @param value null with a `reason` where it was not measured */
  metric(
    name: string,
    value: MetricValue,
    options: {
      readonly step: number;
      readonly unit?: string;
      readonly reason?: string;
      readonly labels?: Readonly<Record<string, string>>;
    },
  ): void;
  progress(event: Omit<ProgressEvent, 'type' | 'phase' | 'time'>): void;
  /** Tell sinks of something that happened: a sample, an alert, or what a plugin declares in {@link LifecycleEvents}. */
  event<E extends keyof LifecycleEvents>(event: E, facts: LifecycleEvents[E]): void;
}

/** Where files lie, and what their metadata say of the run. */
export interface StoreContext {
  /** Name of the phase. */
  readonly phase: string;
  readonly sessionId: string;
  /** Hash of the resolved config. */
  readonly configHash: string;
  readonly store: ArtifactStore;
  readonly checkpoints: CheckpointArea;
}

/** Who decides how the run goes on. */
export interface ControlContext {
  /**
   * Call between steps. When a pause was asked for (Ctrl-C), saves through `save` and throws the pause signal,
   * which must not be caught. Also lets timers run: engines block the event loop during a step.
   */
  pausePoint(save: () => Promise<void>): Promise<void>;
  /**
   * Offer actions for trouble (divergence, low diversity); hooks choose, the fallback otherwise.
   * The decision is recorded.
   */
  intervene<A extends string>(trouble: string, actions: readonly A[], fallback: A): Promise<A>;
}
