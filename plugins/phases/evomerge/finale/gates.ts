import type { GateResult } from '../../../../core/contracts/phase.js';
import { judgeOf } from '../../shared/gates.js';
import { integrityGates, type IntegrityFacts } from '../../shared/integrity.js';
import type { EvomergeOptions } from '../options.js';
import type { SearchState } from '../search/state.js';
import { GATES } from '../table.js';
import type { Improvement } from './improvement.js';

/** What the gates look at. */
export interface GateSubject {
  readonly state: SearchState;
  readonly improvement: Improvement;
  readonly options: EvomergeOptions;
  readonly integrity: IntegrityFacts;
  readonly parentParameters: readonly number[];
  /** Whether the champion's recipes gave its weights again. */
  readonly rebuilt: boolean;
}

const SECONDS_PER_HOUR = 3600;

const judge = judgeOf(GATES);

/** Integrity and target gates of phase 2. A miss is reported with the measured figure. */
export function judgePhase(subject: GateSubject): GateResult[] {
  return [...integrity(subject), ...improvements(subject), ...search(subject)];
}

function integrity({ integrity: facts, parentParameters, rebuilt, options }: GateSubject): GateResult[] {
  const { parameters } = facts.model.metadata;
  const own = parentParameters.every((count) => count === parameters);
  return [
    ...integrityGates([facts], options.gates.parameterRange),
    judge.judged('parameters_unchanged', parameters, `= ${parentParameters[0]}, as the parents`, own),
    judge.holds('lineage_rebuilds', rebuilt, 'the recipes give the champion again'),
  ];
}

function improvements({ state, improvement, options }: GateSubject): GateResult[] {
  const least = options.gates.improvement;
  const best = state.parents[0]!;
  return [
    judge.atLeast('improvement_generation_0', improvement.generation_0 / 100, least),
    judge.atLeast('improvement_best_parent', improvement.best_parent / 100, least),
    judge.atLeast('improvement_parents_mean', improvement.parents_mean / 100, least),
    judge.atLeast('improvement_holdout_generation_0', improvement.holdout_generation_0 / 100, least),
    judge.atLeast('improvement_holdout_best_parent', improvement.holdout_best_parent / 100, least),
    judge.atLeast(
      'champion_not_below_best_parent',
      state.champion.fitness,
      Math.max(...state.parents.map((each) => each.fitness)),
    ),
    judge.atLeast(
      'accuracy_kept',
      ratio(state.champion.measured.accuracy, best.measured.accuracy),
      options.gates.accuracy,
    ),
  ];
}

function search({ state, options }: GateSubject): GateResult[] {
  const least = Math.min(...state.history.map(({ diversity }) => diversity));
  const tried = Object.values(state.usage.combos).filter(({ tried: count }) => count > 0).length;
  const all = Object.values(state.initialByLabel);
  const distinct = new Set(all.map(({ id }) => id)).size;
  return [
    judge.atLeast('diversity', least, options.gates.diversity),
    judge.equals('combos_tried', tried, all.length),
    judge.equals('combos_distinct', distinct, all.length),
    judge.equals('generations', state.generation, options.generations),
    judge.atMost('models_held', state.peakHeld, mostModels(state, options)),
    judge.atMost('wall_hours', state.seconds / SECONDS_PER_HOUR, options.gates.hours),
  ];
}

/** The parents, a champion and a population: twelve of three parents and eight individuals. */
function mostModels({ parents }: SearchState, { population }: EvomergeOptions): number {
  return parents.length + 1 + Math.max(population, COMBINATIONS);
}

/** All combinations are made in generation 0, however small the population is. */
const COMBINATIONS = 8;

function ratio(now: number | null, before: number | null): number | null {
  return now === null || before === null || before === 0 ? null : now / before;
}
