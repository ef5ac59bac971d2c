import type { ThoughtFacts } from '../../../core/contracts/data-facts.js';
import type { ModelRef } from '../../../core/contracts/model.js';
import type { PhaseResult } from '../../../core/contracts/phase.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import type { DatasetEvaluation } from '../shared/evaluation/by-dataset.js';
import { measureCausality } from '../shared/evaluation/probe.js';
import { integrityOf } from '../shared/integrity.js';
import { recorder } from '../shared/metrics.js';
import { handOn, phaseResult } from '../shared/model/hand-on.js';
import { storeModel } from '../shared/model/store.js';
import { theaterAlert, theaterReport, thoughtAlerts, type TheaterReport } from '../shared/theater/index.js';
import type { BakedModels } from './bake.js';
import type { Choice, FreeAccuracy } from './choose.js';
import type { Examined, ThoughtSamples } from '../shared/thoughts/examine.js';
import type { CalibratedModel } from '../shared/training/recalibrate.js';
import { ledgerWarnings, updatesOf } from './ledger.js';
import { handoffFacts, sideFiles } from './facts.js';
import { judgePhase } from './gates.js';
import type { Latency } from './latency.js';
import { ownMetrics, phaseMetrics, reportNumbers } from './numbers.js';
import type { QuietstarRun } from './prepare.js';
import type { QuietThinker } from './quiet.js';
import { byStrategy, tagUsage } from '../shared/thoughts/scores.js';
import { OWN_METRICS, PHASE_METRICS } from './table.js';
import { tablesOf } from './tables.js';
import { coherenceOf, type TextFindings } from './text.js';

/** Schema id of the handoff 3 -> 4 (schemas/handoff/quietstar-to-bitnet.schema.json). */
const HANDOFF_SCHEMA = 'agentforge:handoff/quietstar-thinker@2';

/** Everything that was made and measured. */
export interface Findings {
  readonly baked: BakedModels;
  /** Null where step 2 was left out. */
  readonly quiet: QuietThinker | null;
  /** What step 1 answered of the questions to choose by. */
  readonly step1: FreeAccuracy;
  readonly choice: Choice | null;
  /** What goes on: of step 2, or of step 1 where that was better. */
  readonly thinker: CalibratedModel;
  /** Mixing head of the thinker; null for that of step 1. */
  readonly mixing: TensorDict | null;
  readonly examined: readonly Examined[];
  readonly samples: ThoughtSamples;
  readonly text: TextFindings;
  readonly ordinary: { readonly before: DatasetEvaluation; readonly after: DatasetEvaluation };
  readonly latency: Latency | null;
  readonly threshold: number;
}

/** A group of questions with what was found. */
export interface ReportedPart {
  readonly part: string;
  readonly report: TheaterReport;
}

/** Store the thinker, judge it, hand it on. */
export async function conclude(run: QuietstarRun, findings: Findings): Promise<PhaseResult> {
  const { ctx, options, data, engine, ordinary } = run;
  const { thinker } = findings;
  const known = findings.examined.find(({ part }) => part === 'known')!;
  const reports = reportsOf(run, findings);
  const theater = reports.find(({ part }) => part === 'known')!.report;
  const coherence = coherenceOf(findings.text.thinking.items);
  const strategies = byStrategy(known);
  const model = await storeThinker(run, findings, theater);
  const row = ordinary.sets
    .flatMap(({ heldOut }) => heldOut)[0]!
    .ids.slice(0, options.baking.training.length);
  const causality = await measureCausality(engine, thinker, row, ctx.seed);
  const { before, after } = findings.ordinary;
  const gates = judgePhase({
    ...{ options, theater, tags: Object.keys(run.grown.ids).length },
    integrity: await integrityOf(ctx, model, thinker.weights, causality),
    baking: { accuracy: theater.accuracy.with?.value ?? null, strategies },
    coherence: coherence.A,
    validity: coherence.thoughts === 0 ? null : coherence.valid / coherence.thoughts,
    latencyMs: findings.latency?.withThought ?? null,
    ordinaryChange: after.all.crossEntropy / before.all.crossEntropy - 1,
  });
  const numbers = { theater, coherence, strategies, usage: tagUsage(known, run.grown.ids) };
  const step = updatesOf(findings.baked.entries.thoughts) + (findings.quiet?.updates ?? 0);
  const { seconds } = run.clock;
  const metrics = phaseMetrics(step, findings, numbers);
  const own = ownMetrics(findings, numbers);
  recorder(ctx, PHASE_METRICS).all(metrics, { step });
  recorder(ctx, OWN_METRICS).all(own, { step });
  for (const alert of alertsOf(known, theater)) ctx.event('alert', alert);
  return phaseResult({
    models: [model],
    metrics: { ...metrics, ...own, ...reportNumbers(reports, findings, seconds) },
    gates,
    tables: tablesOf(reports, findings, seconds),
    handoff: handOn(ctx, {
      ...{ schema: HANDOFF_SCHEMA, models: [model], data },
      facts: handoffFacts(run, findings, { theater, coherence, model }),
    }),
    warnings: [
      ...data.warnings,
      ...ledgerWarnings(findings.baked, options),
      ...theaterWarning(findings),
      ...rollBackWarning(findings),
    ],
  });
}

function reportsOf({ ctx, options }: QuietstarRun, { examined, samples, text }: Findings): ReportedPart[] {
  const items = text.thinking.items.filter(({ coherence }) => coherence !== null);
  const { resamples } = options.examination;
  return examined.map(({ part, arms }) => ({
    part,
    report: theaterReport(
      part !== 'known'
        ? { arms }
        : {
            arms,
            utility: items.map(({ coherence, utility }) => ({ coherence: coherence!.A, utility })),
            correctness: items.map(({ coherence, correctWith }) => ({
              coherence: coherence!.A,
              correct: correctWith,
            })),
            samples: samples.drawn,
            ...(samples.outputVariance === null ? {} : { outputVariance: samples.outputVariance }),
          },
      { seed: ctx.seed, resamples },
    ),
  }));
}

async function storeThinker(
  run: QuietstarRun,
  findings: Findings,
  theater: TheaterReport,
): Promise<ModelRef> {
  const { ctx, champion, data, tokenizer } = run;
  const { thinker, ordinary } = findings;
  return storeModel(ctx, {
    ...{ name: 'thinker', shape: thinker, weights: thinker.weights, tokenizer, data },
    halting: thinker.halting,
    thoughts: thoughtFacts(run, findings),
    parents: [champion.ref],
    sidecars: await sideFiles(run, findings),
    metrics: {
      final_loss: ordinary.after.all.crossEntropy,
      accuracy_with_thoughts: theater.accuracy.with?.value ?? null,
      accuracy_without_thoughts: theater.accuracy.without?.value ?? null,
    },
    attributes: { anti_theater_passed: theater.all_passed, step_2_kept: findings.mixing !== null },
  });
}

/** How the model thinks at inference. */
function thoughtFacts({ options, grown }: QuietstarRun, { threshold }: Findings): ThoughtFacts {
  const { talk, samples } = options.thoughts;
  return {
    ...{ start: grown.ids['<think>']!, end: grown.ids['</think>']!, tags: grown.ids },
    ...{ length: options.examination.thoughtTokens, talk, samples, threshold },
    min_interval: options.injection.minInterval,
  };
}

function alertsOf({ arms }: Examined, theater: TheaterReport) {
  const found = theaterAlert(theater);
  return [...thoughtAlerts(arms.thoughts.map(({ ids }) => ids)), ...(found === null ? [] : [found])];
}

function theaterWarning({ quiet }: Findings): string[] {
  const { tests = 0, failed = 0, klFactor, rewardThresholdFactor } = quiet?.theater ?? {};
  if (failed === 0) return [];
  return [
    `While step 2 trained, ${failed} of ${tests} tests found its thoughts to be theater; in the end the anchor was pulled ` +
      `${klFactor} times and the reward threshold ${rewardThresholdFactor} times as hard.`,
  ];
}

function rollBackWarning({ choice, quiet }: Findings): string[] {
  if (choice?.rolledBack !== true) return [];
  if (quiet?.theater.stopped === true)
    return ['Step 2 was stopped because its thoughts were theater, and taken back.'];
  const share = (value: number | null): string => `${(100 * (value ?? 0)).toFixed(1)} %`;
  return [
    `Step 2 was taken back: of questions to choose by it answered ${share(choice.quiet)}, step 1 ${share(choice.baked)}.`,
  ];
}
