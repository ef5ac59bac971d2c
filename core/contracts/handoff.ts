import type { DataFacts } from './data-facts.js';
import type { ArtifactRef, ModelRef } from './model.js';

/** What one phase gives the next: typed, validated by the producing phase's JSON Schema, stored by hash. */
export interface Handoff {
  /** Schema id, for example `agentforge:handoff/cognate-models@2`. */
  readonly schema: string;
  readonly source_phase: string;
  readonly created_at: string;
  readonly models: readonly ModelRef[];
  /** Side files by purpose, for example the common ancestor's weights (`base`) or the held-out items (`split`). */
  readonly artifacts: Readonly<Record<string, ArtifactRef>>;
  /** What the models were trained on and how it was split, for phases to come; null where it is not known. */
  readonly data: DataFacts | null;
  /** Measured facts of the source phase that the next phase may rely on. */
  readonly facts: Readonly<Record<string, unknown>>;
}
