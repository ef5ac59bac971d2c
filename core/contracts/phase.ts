import type { Engine } from './engine.js';
import type { Handoff } from './handoff.js';
import type { Logger } from './logger.js';
import type { MetricDeclaration, MetricValue } from './metrics.js';
import type { ModelRef } from './model.js';
import { defineFor, type Overrides } from './plugin.js';
import type { Problem } from '../errors/index.js';
import type { ArtifactStore, CheckpointArea } from './store.js';
import type { LifecycleEvents, ProgressEvent } from './sink.js';
import { createToken, type Token } from './token.js';

/** Integrity gates always stop the run; target gates follow the config's policy. */
export type GateClass = 'integrity' | 'target';

/** A measured check. `passed` is null when it could not be measured, with the reason. */
export interface GateResult {
  readonly name: string;
  readonly class: GateClass;
  readonly passed: boolean | null;
  readonly measured: number | string | boolean | null;
  /** The target in words, for example `>= 0.2`. */
  readonly target: string;
  readonly reason?: string;
}

/** What a phase will need, worked out before any weight is touched. */
export interface PhasePlan {
  /** Lines for `--dry-run`: shapes, parameters, steps. */
  readonly facts: Readonly<Record<string, number | string>>;
  /** Peak bytes of memory and bytes of disk the phase will need; null where that cannot be known yet. */
  readonly memoryBytes: number | null;
  readonly diskBytes: number | null;
  /** Why a need is not known, for example `not known before the models are there`. */
  readonly unknown?: string;
  readonly problems: readonly Problem[];
  /** What works but is hardly meant; told before the run and by a dry run. */
  readonly warnings?: readonly string[];
}

export interface PhaseResult {
  readonly models: readonly ModelRef[];
  /** Final numbers; null where not measured. */
  readonly metrics: Readonly<Record<string, MetricValue>>;
  readonly gates: readonly GateResult[];
  /** What the next phase gets; null for a phase that hands nothing on. */
  readonly handoff: Handoff | null;
  readonly warnings: readonly string[];
  readonly startedAt: string;
  readonly endedAt: string;
}

/** Everything a running phase may touch. */
export interface PhaseContext {
  readonly sessionId: string;
  /** Run seed; derive named streams from it (nn/random). */
  readonly seed: number;
  readonly log: Logger;
  readonly store: ArtifactStore;
  readonly checkpoints: CheckpointArea;
  /** Opened on first use; shared by all phases of the run. */
  engine(): Promise<Engine>;
  /** As in {@link Forge.resolve}. */
  resolve<T>(token: Token<T>, name?: string, overrides?: Overrides): T;
  names<T>(token: Token<T>): readonly string[];
  /**
   * Check a value against a JSON Schema and fill in its defaults.
   * @param at config path of the value, for messages
   * @throws ForgeError AF_CONFIG_INVALID with every problem
   */
  validate(schema: object, value: unknown, at: string): unknown;
  /** Data folders, from config and environment. */
  readonly data: { readonly root: string | null; readonly cache: string };
  /** Hash of the resolved config, for metadata. */
  readonly configHash: string;
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
  /**
   * Offer actions for trouble (divergence, low diversity); hooks choose, the config's default otherwise.
   * The decision is recorded.
   */
  intervene<A extends string>(trouble: string, actions: readonly A[], fallback: A): Promise<A>;
  /** Register a model in the registry and tell the sinks. */
  registerModel(model: ModelRef): Promise<void>;
  /**
   * Call between steps. When a pause was asked for (Ctrl-C), saves through `save` and throws the pause signal,
   * which must not be caught. Also lets timers run: engines block the event loop during a step.
   */
  pausePoint(save: () => Promise<void>): Promise<void>;
}

/** One phase of the pipeline. */
export interface Phase {
  readonly title: string;
  /** JSON Schema that the incoming handoff must satisfy; null for a phase that starts from nothing. */
  readonly input: object | null;
  /** JSON Schema of the handoff it gives; null when it hands nothing on. */
  readonly output: object | null;
  /** The metrics it emits: patterns of the catalogue, and descriptors of those that are its own. */
  readonly metrics: readonly MetricDeclaration[];
  /** Names of the gates it reports; a gate that is judged per model is reported as `<gate>/<model>`. */
  readonly gates: readonly string[];
  /** Facts, needs and problems before work starts. Cheap; touches no weights. */
  plan?(context: PhasePlanContext): Promise<PhasePlan>;
  run(context: PhaseContext, input: Handoff | null): Promise<PhaseResult>;
}

/** What planning may look at. */
export interface PhasePlanContext {
  readonly seed: number;
  readonly data: { readonly root: string | null; readonly cache: string };
  /** As in {@link Forge.resolve}. */
  resolve<T>(token: Token<T>, name?: string, overrides?: Overrides): T;
  names<T>(token: Token<T>): readonly string[];
  /** As in {@link PhaseContext.validate}. */
  validate(schema: object, value: unknown, at: string): unknown;
}

export const PHASE = createToken<Phase>('phase', {
  title: 'text',
  input: 'schema or null',
  output: 'schema or null',
  metrics: 'list',
  gates: 'list',
  plan: 'function?',
  run: 'function',
});
/** Define a pipeline phase. */
export const definePhase = defineFor(PHASE);
