import type { MetricValue } from '../../../../core/contracts/metrics.js';
import { sheetOf } from '../../shared/metrics.js';
import type { EvomergeOptions } from '../options.js';
import { comboId } from '../search/proposals.js';
import type { Search } from '../search/search.js';
import type { SearchState } from '../search/state.js';
import type { Tally } from '../search/usage.js';
import { PHASE_METRICS, REPORT } from '../table.js';
import type { Finale } from './finale.js';
import type { Improvement } from './improvement.js';

const SECONDS_PER_MINUTE = 60;

/** Names that the metric catalogue gives to merges, where they differ from the plugins' own. */
const TECHNIQUE_NAMES: Readonly<Record<string, string>> = { franken: 'frankenmerge' };

type Sheet = ReturnType<typeof sheetOf<typeof PHASE_METRICS>>;

/** The catalogued numbers of the whole phase. */
export function phaseMetrics(
  { stages }: Pick<EvomergeOptions, 'stages'>,
  { state, cache }: Search,
  finale: Finale,
  { generation_0: percent }: Improvement,
): Readonly<Record<string, MetricValue>> {
  const { champion, initial } = state;
  const sheet = sheetOf(PHASE_METRICS);
  techniques(sheet, stages, state);
  labels(sheet, state);
  mutations(sheet, state);
  sheet('phase/initial_fitness', initial.fitness);
  sheet('phase/final_fitness', champion.fitness);
  sheet('phase/fitness_improvement', champion.fitness - initial.fitness);
  sheet('phase/fitness_improvement_percent', percent);
  sheet('handoff/champion_fitness', champion.fitness);
  sheet('final/best_fitness', champion.fitness);
  sheet('final/holdout_fitness', finale.champion.holdoutFitness);
  sheet('final/fitness_improvement', champion.fitness - initial.fitness);
  sheet('final/improvement_pct', percent);
  sheet('final/generations', state.generation);
  sheet('final/generations_completed', state.generation);
  sheet('final/converged_at_generation', state.ended === 'converged' ? state.generation : null);
  sheet('final/convergence_reason', state.ended);
  sheet('final/total_evolution_time_minutes', state.seconds / SECONDS_PER_MINUTE);
  sheet('final/evaluations', cache.evaluations);
  sheet('final/diversity', state.history.at(-1)!.diversity);
  for (const { name, holdout, holdoutFitness, generatedAccuracy } of finalistsOf(finale)) {
    sheet(`holdout/fitness/${name}`, holdoutFitness);
    sheet(`holdout/perplexity/${name}`, holdout.perplexity);
    sheet(`holdout/accuracy_forced/${name}`, holdout.accuracy);
    sheet(`holdout/accuracy_generated/${name}`, generatedAccuracy);
    sheet(`holdout/average_steps/${name}`, holdout.averageSteps);
  }
  return sheet.values;
}

/** Numbers for the session report. */
export function reportNumbers(
  { state, cache }: Search,
  finale: Finale,
  improvement: Improvement,
): Readonly<Record<string, MetricValue>> {
  const sheet = sheetOf(REPORT);
  sheet('evaluations', cache.evaluations);
  sheet('min_diversity', Math.min(...state.history.map(({ diversity }) => diversity)));
  sheet('peak_models_held', state.peakHeld);
  sheet('questions_asked', finale.questions);
  for (const [name, value] of Object.entries(improvement)) sheet(`improvement_pct/${name}`, value as number);
  for (const [name, value] of Object.entries(state.champion.components))
    sheet(`champion/component/${name}`, value);
  for (const [pair, barrier] of state.barriers.entries()) sheet(`barrier/${pair}`, barrier);
  return sheet.values;
}

function finalistsOf({ champion, initial, parents }: Finale): readonly Finale['champion'][] {
  return [champion, initial, ...parents];
}

function techniques(
  sheet: Sheet,
  stages: Readonly<Record<string, readonly string[]>>,
  { usage }: SearchState,
): void {
  for (const merge of Object.values(stages).flat()) {
    const tally = usage.techniques[merge];
    const rate = tally === undefined ? null : tally.good / tally.tried;
    sheet(`merge_technique/${TECHNIQUE_NAMES[merge] ?? merge}/success_rate`, rate);
  }
  const [best] = byFitness(usage.techniques);
  sheet('phase/best_merge_technique', best ?? null);
}

/** Which combinations were tried, how they did, and which one the champion goes back to. */
function labels(sheet: Sheet, { champion: { bits }, usage, history }: SearchState): void {
  for (const [label, tally] of Object.entries(usage.combos)) {
    sheet(`combo/${label}/usage`, tally.tried);
    sheet(`combo/${label}/avg_fitness`, tally.tried === 0 ? null : meanFitness(tally));
  }
  const ranking = byFitness(usage.combos);
  const won = history.filter(({ bestBits }) => bestBits === bits).length;
  sheet('final/best_combo', ranking[0] ?? null);
  sheet('final/worst_combo', ranking.at(-1) ?? null);
  sheet('final/champion_combo_id', bits === null ? null : comboId(bits));
  sheet('final/combo_win_rate', bits === null ? null : won / history.length);
  sheet('phase/champion_combo_id', bits === null ? null : comboId(bits));
  sheet('phase/champion_combo_binary', bits);
}

function mutations(sheet: Sheet, { usage }: SearchState): void {
  for (const [name, tally] of Object.entries(usage.mutations)) {
    sheet(`mutation/${name}/usage`, tally.tried);
    sheet(`mutation/${name}/success_rate`, tally.good / tally.tried);
  }
}

/** Names of what was tried, the highest mean fitness first. */
function byFitness(tallies: Readonly<Record<string, Tally>>): string[] {
  return Object.entries(tallies)
    .filter(([, { tried }]) => tried > 0)
    .sort(([, a], [, b]) => meanFitness(b) - meanFitness(a))
    .map(([name]) => name);
}

function meanFitness({ fitnessSum, tried }: Tally): number {
  return fitnessSum / tried;
}
