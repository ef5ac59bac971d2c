import { ARMS } from '../../../nn/evaluation/index.js';
import { sheetOf } from '../shared/metrics.js';
import type { PartClock } from '../shared/part-clock.js';
import type { TheaterReport } from '../shared/theater/index.js';
import type { Findings, ReportedPart } from './conclude.js';
import type { TimedPart } from './prepare.js';
import type { byStrategy, tagUsage } from '../shared/thoughts/scores.js';
import { effectOf } from './ledger.js';
import { OWN_METRICS, PHASE_METRICS, REPORT } from './table.js';
import type { Coherence } from './text.js';

/** What the numbers of the phase are made of. */
export interface Numbers {
  readonly theater: TheaterReport;
  readonly coherence: Coherence;
  readonly strategies: ReturnType<typeof byStrategy>;
  readonly usage: ReturnType<typeof tagUsage>;
}

/** The documented 17 but the duration, which the kernel knows. @param step that thoughts were judged at */
export function phaseMetrics(step: number, findings: Findings, { theater, coherence }: Numbers) {
  const sheet = sheetOf(PHASE_METRICS);
  const { thoughts, valid, A, semantic, logical, relevance, fluency } = coherence;
  const rate = thoughts === 0 ? null : valid / thoughts;
  sheet(`step_${step}/thoughts_generated`, thoughts);
  sheet(`step_${step}/thoughts_valid`, valid);
  sheet(`step_${step}/validity_rate`, rate);
  sheet(`step_${step}/avg_coherence`, A);
  sheet(`step_${step}/semantic_similarity`, semantic);
  sheet(`step_${step}/logical_consistency`, logical);
  sheet(`step_${step}/relevance_score`, relevance);
  sheet(`step_${step}/fluency_score`, fluency);
  sheet(`step_${step}/processing_time_ms`, findings.text.millisecondsPerThought);
  sheet('phase/total_thoughts_generated', thoughtsWritten(findings));
  sheet('phase/total_thoughts_valid', valid);
  sheet('phase/overall_validity_rate', rate);
  sheet('phase/avg_coherence', A);
  const own = theater.accuracy.with?.value ?? null;
  const without = theater.accuracy.without?.value ?? null;
  sheet('phase/accuracy_with_thoughts', own);
  sheet('phase/accuracy_without_thoughts', without);
  sheet('phase/accuracy_improvement', own === null || without === null ? null : own - without);
  return sheet.values;
}

/**
 * Thoughts the models wrote in this phase, judged or not: those of the updates of step 2 and of the tests between them, of the
 * questions to choose by, of the examination, those drawn to see whether they differ, and those at hard places of text.
 */
export function thoughtsWritten({ quiet, step1, choice, examined, samples, text }: Findings): number {
  // Both models were asked the same questions, and a thought is written about each, read or not.
  const chosen = step1.items * (choice === null || choice.quiet === null ? 1 : 2);
  const answering = examined.reduce((sum, { arms }) => sum + arms.thoughts.length, 0);
  const drawn = samples.drawn.reduce((sum, thoughts) => sum + thoughts.length, 0);
  return (quiet?.thoughts ?? 0) + chosen + answering + drawn + text.thinking.items.length;
}

/** The alternative set. */
export function ownMetrics(findings: Findings, { theater, coherence, strategies, usage }: Numbers) {
  const { text, latency, step1, baked } = findings;
  const sheet = sheetOf(OWN_METRICS);
  const measured = (name: string): number | null =>
    theater.tests.find((test) => test.name === name)?.value ?? null;
  sheet('baking/accuracy_overall', theater.accuracy.with?.value ?? null);
  sheet('baking/step_1_accuracy', step1.accuracy);
  const { divergence, strength, rounds } = effectOf(baked.entries.thoughts);
  if (divergence !== null) {
    sheet('baking/kl_before', divergence.before);
    sheet('baking/kl_after', divergence.after);
  }
  sheet('baking/strength', strength);
  sheet('baking/rounds', rounds);
  sheet('phase/total_thoughts_judged', coherence.thoughts);
  for (const [strategy, { accuracy }] of Object.entries(strategies))
    sheet(`baking/accuracy/${strategy}`, accuracy);
  for (const [tag, share] of Object.entries(usage)) sheet(`baking/tag_usage/${tag}`, share);
  sheet('anti_theater/divergence', measured('T1_divergence'));
  sheet('anti_theater/ablation_drop', measured('T2_ablation'));
  sheet('anti_theater/correlation', measured('T3_pearson'));
  sheet('anti_theater/length', measured('T4_length'));
  sheet('anti_theater/diversity', measured('T5_diversity'));
  sheet('anti_theater/repetition', measured('T6_repetition'));
  sheet('anti_theater/all_passed', theater.all_passed);
  sheet('hard_tokens/loss_with', text.thinking.lossWith);
  sheet('hard_tokens/loss_without', text.thinking.lossWithout);
  sheet('hard_tokens/accuracy_with', text.thinking.accuracyWith);
  sheet('hard_tokens/accuracy_without', text.thinking.accuracyWithout);
  sheet('latency/with_thought_ms', latency?.withThought ?? null);
  sheet('latency/without_thought_ms', latency?.without ?? null);
  return sheet.values;
}

/** Numbers of the session report. */
export function reportNumbers(
  reports: readonly ReportedPart[],
  { ordinary }: Findings,
  seconds: PartClock<TimedPart>['seconds'],
) {
  const sheet = sheetOf(REPORT);
  for (const { part, report } of reports) {
    sheet(`arms/${part}/items`, report.items);
    for (const arm of ARMS) {
      const value = report.accuracy[arm]?.value;
      if (value !== undefined) sheet(`arms/${part}/${arm}`, value);
    }
  }
  for (const { name, seconds: taken } of seconds) sheet(`seconds/${name}`, taken);
  sheet('held_out/thinker', ordinary.after.all.crossEntropy);
  for (const [set, loss] of Object.entries(ordinary.after.byDataset)) sheet(`held_out/thinker/${set}`, loss);
  return sheet.values;
}
