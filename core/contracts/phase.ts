import type { Problem } from '../errors/index.js';
import type { Handoff } from './handoff.js';
import type { MetricDeclaration, MetricValue } from './metrics.js';
import type { ModelRef } from './model.js';
import type { PhaseContext, PlanContext } from './phase-context.js';
import { defineFor } from './plugin.js';
import { createToken } from './token.js';

export type {
  ControlContext,
  PhaseContext,
  PlanContext,
  RecordContext,
  ResolveContext,
  StoreContext,
} from './phase-context.js';

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

/**
 * What a phase comes to. The kernel does the rest once it has it: it stamps the time, stores the result, registers the
 * models and hands on.
 */
export interface PhaseResult {
  /** The kernel registers them, and those of the handoff. */
  readonly models: readonly ModelRef[];
  /** Final numbers; null where not measured. */
  readonly metrics: Readonly<Record<string, MetricValue>>;
  readonly gates: readonly GateResult[];
  /** What the next phase gets; null for a phase that hands nothing on. */
  readonly handoff: Handoff | null;
  readonly warnings: readonly string[];
  /** What people want to see side by side at the end of a run. */
  readonly tables?: readonly ResultTable[];
}

/** A small table of what a phase measured, each cell as it is to be read. */
export interface ResultTable {
  readonly title: string;
  readonly columns: readonly string[];
  /** As many cells in each as there are columns. */
  readonly rows: readonly (readonly string[])[];
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
  plan?(context: PlanContext): Promise<PhasePlan>;
  run(context: PhaseContext, input: Handoff | null): Promise<PhaseResult>;
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
