import type { DataFacts } from '../../../../core/contracts/data-facts.js';
import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { ArtifactRef, ModelRef } from '../../../../core/contracts/model.js';
import type { PhaseResult, StoreContext } from '../../../../core/contracts/phase.js';
import { ForgeError } from '../../../../core/errors/index.js';
import { SPLIT_SIDECAR } from './store.js';

/** What a phase gives the next one. */
export interface HandedOn {
  /** Schema id, for example `agentforge:handoff/cognate-models@2`. */
  readonly schema: string;
  readonly models: readonly ModelRef[];
  readonly data: { readonly facts: DataFacts; readonly items: ArtifactRef } | null;
  readonly artifacts?: Readonly<Record<string, ArtifactRef>>;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The handoff: with what later phases cannot know otherwise. */
export function handOn(
  ctx: Pick<StoreContext, 'phase'>,
  { schema, models, data, artifacts = {}, facts }: HandedOn,
): Handoff {
  return {
    schema,
    source_phase: ctx.phase,
    created_at: new Date().toISOString(),
    models,
    artifacts: { ...artifacts, ...(data === null ? {} : { [SPLIT_SIDECAR]: data.items }) },
    data: data?.facts ?? null,
    facts,
  };
}

/** A handoff that goes on as it came, with whatever models it has now. */
export function passOn(
  ctx: Pick<StoreContext, 'phase'>,
  handoff: Handoff,
  models: readonly ModelRef[] = handoff.models,
): Handoff {
  return { ...handoff, source_phase: ctx.phase, created_at: new Date().toISOString(), models };
}

/** A result of which only what differs from nothing is said. */
export function phaseResult(parts: Partial<PhaseResult>): PhaseResult {
  return { models: [], metrics: {}, gates: [], handoff: null, warnings: [], ...parts };
}

/** The handoff that came in. @throws ForgeError AF_HANDOFF_MISSING */
export function requireInput(ctx: Pick<StoreContext, 'phase'>, input: Handoff | null): Handoff {
  if (input !== null) return input;
  throw new ForgeError('AF_HANDOFF_MISSING', `Phase "${ctx.phase}" was given no models.`, {
    at: `phase ${ctx.phase}`,
    fix: 'Put the phase that makes them before it.',
  });
}
