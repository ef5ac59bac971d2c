import type { MetricValue } from '../../../core/contracts/metrics.js';
import type { RecordContext } from '../../../core/contracts/phase.js';
import { retentionMatrix } from '../../../nn/cycles/index.js';
import { DEFAULT_PERSONAS } from '../shared/baking/library.js';
import { recorder, sheetOf } from '../shared/metrics.js';
import type { PartClock } from '../shared/part-clock.js';
import { rightIn } from '../shared/thoughts/locked.js';
import type { CycleResult } from './cycles/cycle.js';
import {
  bakedNames,
  consistencies,
  divergenceRemoved,
  fullBakes,
  meanOf,
  meanOfTools,
  mostForgotten,
  type Judged,
} from './findings.js';
import type { LedgerEntry } from './learn.js';
import type { BakingRun, TimedPart } from './prepare.js';
import { BAKE_METRICS, CYCLE_METRICS, OWN_METRICS, REPORT } from './table.js';

/** Values under the names of metrics, each null with why. */
type Told = Record<string, { readonly value: MetricValue; readonly reason?: string }>;

/** The documented tools by the names of their plugins. */
const TOOLS = {
  calculator: 'calculator',
  code_executor: 'code-executor',
  database_query: 'database-query',
  file_reader: 'file-reader',
  search: 'search',
} as const;
/** The turn of a conversation at which stability is documented. */
const DOCUMENTED_TURN = 30;

/** Emit the documented metrics: those of what is off or was refused are null, and say so. */
export function tellDocumented(ctx: BakingRun['ctx'], found: Judged): Readonly<Record<string, MetricValue>> {
  const step = found.standing.ledger.length;
  const baked = told(ctx, BAKE_METRICS, step, {
    ...toolMetrics(found),
    ...personaMetrics(found),
    ...bakeMetrics(found),
  });
  const cycled = told(ctx, CYCLE_METRICS, step, {
    ...cycleMetrics(found),
    ...plateauMetrics(found),
    ...found.cycles.results.reduce<Told>((all, result) => ({ ...all, ...metricsOfCycle(result) }), {}),
  });
  return { ...baked, ...cycled };
}

function told(
  ctx: BakingRun['ctx'],
  table: typeof BAKE_METRICS | typeof CYCLE_METRICS,
  step: number,
  all: Told,
): Record<string, MetricValue> {
  const record = recorder(ctx, table);
  return Object.fromEntries(
    Object.entries(all).map(([name, { value, reason }]) => {
      record.all({ [name]: value } as never, { step, ...(reason === undefined ? {} : { reason }) });
      return [name, value] as const;
    }),
  );
}

function toolMetrics(found: Judged): Told {
  return Object.entries(TOOLS).reduce<Told>((all, [key, name]) => {
    const result = found.tools.tools.find(({ tool }) => tool === name);
    const entry = keptEntry(found, name);
    const check = found.toolChecks.find(({ tool }) => tool === name);
    const reason = check?.refused ?? (check === undefined ? 'it was not asked for' : 'it was taken back');
    return {
      ...all,
      [`tool_${key}/baking_iterations`]: { value: entry === null ? null : updatesOf(entry), reason },
      [`tool_${key}/success_rate`]: { value: result?.baked.value ?? null, reason },
      [`tool_${key}/convergence_step`]: {
        value: null,
        reason: 'a bake is measured at its end, and stopped by nothing else',
      },
      [`tool_${key}/false_call_rate`]: { value: falseCallsOf(found, name), reason },
    };
  }, {});
}

/** Calls of one tool where none is needed. */
function falseCallsOf({ tools: { falseCalls } }: Judged, tool: string): number | null {
  return falseCalls?.byTool[tool] ?? null;
}

function personaMetrics(found: Judged): Told {
  const { names, confusion, stability } = found.personas;
  return DEFAULT_PERSONAS.reduce<Told>((all, name) => {
    const place = names.indexOf(name);
    const check = found.personaChecks.find(({ persona }) => persona === name);
    const reason = check?.refused ?? (check === undefined ? 'it was not asked for' : 'it was taken back');
    const turn = stability[name]?.[DOCUMENTED_TURN - 1];
    return {
      ...all,
      [`persona_${name}/consistency_score`]: { value: meanOf(stability[name] ?? []), reason },
      [`persona_${name}/trait_adherence`]: { value: place < 0 ? null : confusion[place]![place]!, reason },
      [`persona_${name}/stability_at_turn_30`]: {
        value: turn ?? null,
        reason: place < 0 ? reason : 'the conversations are shorter',
      },
    };
  }, {});
}

function bakeMetrics(found: Judged): Told {
  const bakes = fullBakes(found);
  const reason = 'nothing was baked';
  const last = bakes.map(({ entries }) => entries.at(-1)!.after);
  const removed = bakes.flatMap((entry) => divergenceRemoved(entry) ?? []);
  const fits = bakes.flatMap(({ fit }) => fit.after ?? []);
  const { latency } = found;
  return {
    'phase/tools_baked': { value: bakedNames(found, 'tool').length },
    'phase/personas_baked': { value: bakedNames(found, 'persona').length },
    'phase/avg_tool_success_rate': { value: meanOfTools(found), reason: 'no tool was asked about' },
    'phase/avg_persona_consistency': {
      value: meanOf(consistencies(found)),
      reason: 'no persona is in the model',
    },
    'bake/final_kl': { value: meanOf(last), reason },
    'bake/kl_reduction': { value: meanOf(removed), reason },
    'bake/loglik_r2': { value: meanOf(fits), reason },
    'phase/max_forgetting': { value: mostForgotten(found), reason: 'no list was asked twice' },
    'phase/latency_saving_ms': {
      value: latency === null ? null : latency.promptedMs - latency.bakedMs,
      reason: 'no tool was asked about',
    },
  };
}

function keptEntry({ standing }: Judged, name: string): LedgerEntry | null {
  return standing.ledger.find((entry) => entry.subjects.includes(name) && entry.kept) ?? null;
}

function updatesOf({ entries }: LedgerEntry): number {
  return entries.reduce((sum, { steps }) => sum + steps, 0);
}

function metricsOfCycle(result: CycleResult): Told {
  const { cycle, kind, baseline, improved, failures, traits, samples } = result;
  if (kind === 'a')
    return {
      [`a_cycle_${cycle}/baseline_solve_rate`]: { value: baseline },
      [`a_cycle_${cycle}/improved_solve_rate`]: { value: improved },
      [`a_cycle_${cycle}/improvement`]: { value: improved - baseline },
      [`a_cycle_${cycle}/tool_failures_analyzed`]: { value: failures },
    };
  return {
    [`b_cycle_${cycle}/persona_traits_discovered`]: { value: traits.join(', ') || 'none' },
    [`b_cycle_${cycle}/consistency_score`]: { value: improved },
    [`b_cycle_${cycle}/response_samples`]: { value: samples },
  };
}

function cycleMetrics(found: Judged): Told {
  const { results } = found.cycles;
  const [a, b] = [results.filter(({ kind }) => kind === 'a'), results.filter(({ kind }) => kind === 'b')];
  const none = 'no such cycle was run';
  const winner = ({ candidates, winner: place }: CycleResult): number | null =>
    candidates.length === 0 ? null : (candidates[place ?? -1] ?? bestOf(candidates)).found.after;
  const strength = (own: readonly CycleResult[]): number =>
    1 - own.reduce((left, { baked }) => left * (1 - (baked?.strength ?? 0)), 1);
  const [lastA, lastB] = [a.at(-1), b.at(-1)];
  return {
    'phase/a_cycles_completed': { value: a.length },
    'phase/b_cycles_completed': { value: b.length },
    'phase/total_ab_cycles': { value: results.length },
    'phase/final_swe_bench_rate': { value: meanOfTools(found), reason: 'no tool was asked about' },
    'phase/final_persona_consistency': {
      value: meanOf(consistencies(found)),
      reason: 'no persona is in the model',
    },
    'phase/half_baking_iterations': { value: results.filter(({ baked }) => baked !== null).length },
    'a_cycle/iteration': { value: a.length },
    'a_cycle/winner_score': { value: lastA === undefined ? null : winner(lastA), reason: none },
    'a_cycle/baking_strength': { value: strength(a) },
    'a_cycle/swe_bench_pass_at_1': { value: lastA?.improved ?? null, reason: none },
    'a_cycle/swe_bench_tool_usage_rate': {
      value: null,
      reason: 'tools are asked about by questions that all need one',
    },
    'b_cycle/iteration': { value: b.length },
    'b_cycle/winner_score': { value: lastB === undefined ? null : winner(lastB), reason: none },
    'b_cycle/improvement': {
      value: lastB === undefined ? null : lastB.improved - lastB.baseline,
      reason: none,
    },
    'b_cycle/baking_strength': { value: strength(b) },
    'b_cycle/aggregate_score': { value: lastB?.improved ?? null, reason: none },
  };
}

function bestOf(candidates: CycleResult['candidates']): CycleResult['candidates'][number] {
  return candidates.reduce((one, other) => (other.found.after > one.found.after ? other : one));
}

function plateauMetrics({ cycles: { state, plateaus } }: Judged): Told {
  const { detections, lastDetection, switches } = state;
  return {
    'plateau/detection_count': { value: detections },
    'plateau/last_detection_iteration': { value: lastDetection, reason: 'none was seen' },
    'plateau/cycle_switches': { value: switches },
    'a_cycle/plateau_detected': { value: plateaus.a },
    'b_cycle/plateau_detected': { value: plateaus.b },
    'convergence/a_plateau': { value: plateaus.a },
    'convergence/b_plateau': { value: plateaus.b },
    'convergence/converged': { value: plateaus.a && plateaus.b },
  };
}

/** Metrics of the phase that the catalogue does not have. */
export function ownMetrics(found: Judged): Readonly<Record<string, number | null>> {
  const { tools, personas, standing, before, after, latency } = found;
  const values: Record<string, number | null> = {};
  for (const { tool, ...shares } of tools.tools)
    for (const key of ['unprompted', 'prompted', 'baked', 'answered'] as const)
      values[`tools/${tool}/${key}`] = shares[key].value;
  for (const { tool, baked } of tools.fading)
    for (const [form, share] of Object.entries(baked)) values[`tools/${tool}/fading_${form}`] = share;
  for (const [i, persona] of personas.names.entries())
    for (const [k, trait] of personas.names.entries())
      values[`personas/${persona}/shows_${trait}`] = personas.confusion[i]![k]!;
  for (const { name, entries, fit } of standing.ledger) {
    values[`bakes/${name}/kl_before`] = entries[0]?.before ?? null;
    values[`bakes/${name}/kl_after`] = entries.at(-1)?.after ?? null;
    values[`bakes/${name}/r2_before`] = fit.before;
    values[`bakes/${name}/r2_after`] = fit.after;
  }
  return {
    ...values,
    'perplexity/before': Math.exp(before.text),
    'perplexity/after': Math.exp(after.text),
    'accuracy/after': rightIn(after.examined, 'with'),
    'accuracy/without': rightIn(after.examined, 'without'),
    ...(latency === null
      ? {}
      : {
          'latency/prompted_ms': latency.promptedMs,
          'latency/baked_ms': latency.bakedMs,
          'latency/tokens_saved': latency.tokensSaved,
        }),
  };
}

/** Emit them, and the lists as they were after every bake. */
export function tellOwn(
  ctx: Pick<RecordContext, 'metric'>,
  found: Judged,
  own: Readonly<Record<string, number | null>>,
): void {
  const record = recorder(ctx, OWN_METRICS);
  record.all(own as never, { step: found.standing.ledger.length });
  const { lists, moments, accuracy } = retentionMatrix(found.standing.answers);
  moments.forEach((_, step) =>
    lists.forEach((list, row) => {
      const value = accuracy[row]![step] ?? null;
      if (value !== null) record.all({ [`lists/${list}`]: value } as never, { step });
    }),
  );
}

/** Numbers of the session report. */
export function reportNumbers(
  seconds: PartClock<TimedPart>['seconds'],
): Readonly<Record<string, MetricValue>> {
  const sheet = sheetOf(REPORT);
  for (const part of seconds) sheet(`seconds/${part.name}`, part.seconds);
  return sheet.values;
}
