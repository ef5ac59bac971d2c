import type { PhaseResult } from '../../../../core/contracts/phase.js';
import { isForgeError } from '../../../../core/errors/index.js';
import type { SplitData } from '../../shared/data/split.js';
import { integrityOf } from '../../shared/integrity.js';
import { recorder } from '../../shared/metrics.js';
import { handOn, phaseResult } from '../../shared/model/hand-on.js';
import { missingParts } from '../individuals/fitness.js';
import type { Search, SearchParts } from '../search/search.js';
import { PHASE_METRICS } from '../table.js';
import { descentOf, storeChampion } from './champion.js';
import { handoffFacts } from './facts.js';
import type { Finale } from './finale.js';
import { judgePhase } from './gates.js';
import { improvementOf } from './improvement.js';
import { phaseMetrics, reportNumbers } from './numbers.js';

/** Schema id of the handoff 2 -> 3 (schemas/handoff/evomerge-to-quietstar.schema.json). */
const HANDOFF_SCHEMA = 'agentforge:handoff/evomerge-champion@2';
/** Barriers above it say that models do not lie in one basin. */
const MERGEABLE_BARRIER = 1;

/** Store the champion, judge the search, hand it on. */
export async function conclude(
  parts: SearchParts,
  search: Search,
  finale: Finale,
  split: SplitData,
): Promise<PhaseResult> {
  const { ctx, family, options, terms, data } = parts;
  const { state } = search;
  const descent = descentOf(search.lineage, state.champion.id);
  const model = await storeChampion(ctx, { family, state, finale, descent, split });
  const improvement = improvementOf(state, finale);
  const gates = judgePhase({
    state,
    improvement,
    options,
    integrity: await integrityOf(ctx, model, finale.winner.model.weights, finale.causality),
    parentParameters: family.parents.map((parent) => parent.model.metadata.parameters),
    rebuilt: rebuilds(parts, search),
  });
  const metrics = phaseMetrics(options, search, finale, improvement);
  recorder(ctx, PHASE_METRICS).all(metrics, { step: state.generation, reason: 'does not apply' });
  return phaseResult({
    models: [model],
    metrics: { ...metrics, ...reportNumbers(search, finale, improvement) },
    gates,
    handoff: handOn(ctx, {
      schema: HANDOFF_SCHEMA,
      models: [model],
      data: split,
      artifacts: { recipe: model.sidecars['recipe']! },
      facts: handoffFacts(search, finale, improvement, { model, descent, family }),
    }),
    warnings: [...data.warnings, ...missingParts(terms, search.reference), ...barrierWarnings(search)],
  });
}

/** Whether the recipes give the champion's weights again from the parents. */
function rebuilds({ family }: SearchParts, { lineage, builder, state }: Search): boolean {
  const parents = new Map(family.parents.map(({ id, weights }) => [id, weights]));
  try {
    lineage.rebuild(state.champion.id, builder, parents);
    return true;
  } catch (error) {
    if (isForgeError(error, 'AF_INTERNAL')) return false;
    throw error;
  }
}

function barrierWarnings({ state }: Search): string[] {
  const worst = Math.max(...state.barriers);
  if (worst <= MERGEABLE_BARRIER) return [];
  return [
    `Half-way between two of the models the loss is ${worst.toFixed(2)} nats higher: they are hardly mergeable.`,
  ];
}
