import { atLeast, atMost, between, equals, holds, judged } from '../../../core/contracts/gates.js';
import type { GateResult } from '../../../core/contracts/phase.js';
import { allFinite } from '../../../nn/models/index.js';
import type { Finale } from './finale.js';
import type { EvomergeOptions } from './options.js';
import type { Improvement } from './outcome.js';
import type { SearchState } from './search-state.js';

/** What the gates look at. */
export interface GateSubject {
  readonly state: SearchState;
  readonly finale: Finale;
  readonly improvement: Improvement;
  readonly options: EvomergeOptions;
  readonly models: number;
  readonly parameters: number;
  readonly parentParameters: readonly number[];
  /** Whether the champion's recipes gave its weights again. */
  readonly rebuilt: boolean;
}

/** Largest change of an earlier logit that replacing future tokens may cause (spec 7). */
const CAUSALITY_TOLERANCE = 1e-5;
/** Three parents, a champion and a population of eight (spec 3.4). */
const MOST_MODELS = 12;
const SECONDS_PER_HOUR = 3600;

/** Integrity and target gates of phase 2 (spec 3.6 and 6). A miss is reported with the measured figure. */
export function judge(subject: GateSubject): GateResult[] {
  return [...integrity(subject), ...improvements(subject), ...search(subject)];
}

function integrity({
  finale,
  models,
  parameters,
  parentParameters,
  rebuilt,
  options,
}: GateSubject): GateResult[] {
  const finite = allFinite(finale.championWeights);
  const range = options.gates.parameterRange;
  const own = parentParameters.every((count) => count === parameters);
  return [
    equals('model_count', models, 1, 'integrity'),
    holds('finite_weights', finite, 'no NaN or infinity', 'integrity'),
    atMost('causality', finale.causality, CAUSALITY_TOLERANCE, 'integrity'),
    judged('integrity', 'parameters_unchanged', parameters, `= ${parentParameters[0]}, as the parents`, own),
    holds('lineage_rebuilds', rebuilt, 'the recipes give the champion again', 'integrity'),
    ...(range === null ? [] : [between('parameter_range', parameters, range, 'integrity')]),
  ];
}

function improvements({ state, improvement, options }: GateSubject): GateResult[] {
  const least = options.gates.improvement;
  const percent = (name: string, value: number): GateResult => atLeast(name, value / 100, least);
  const best = state.parents[0]!;
  return [
    percent('improvement_generation_0', improvement.generation_0),
    percent('improvement_best_parent', improvement.best_parent),
    percent('improvement_parents_mean', improvement.parents_mean),
    percent('improvement_holdout_generation_0', improvement.holdout_generation_0),
    percent('improvement_holdout_best_parent', improvement.holdout_best_parent),
    atLeast(
      'champion_not_below_best_parent',
      state.champion.fitness,
      Math.max(...state.parents.map((each) => each.fitness)),
    ),
    atLeast(
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
  const hours = state.seconds / SECONDS_PER_HOUR;
  return [
    atLeast('diversity', least, options.gates.diversity),
    equals('combos_tried', tried, all.length),
    equals('combos_distinct', distinct, all.length),
    equals('generations', state.generation, options.generations),
    atMost('models_held', state.peakHeld, MOST_MODELS),
    atMost('wall_hours', hours, options.gates.hours),
  ];
}

function ratio(now: number | null, before: number | null): number | null {
  return now === null || before === null || before === 0 ? null : now / before;
}
