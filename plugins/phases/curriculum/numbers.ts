import { forgetting, retentionOf, retentionOfAll } from '../../../nn/curriculum/index.js';
import { grokkingOf, type GrokkingReport } from '../../../nn/evaluation/index.js';
import type { RecordContext } from '../../../core/contracts/phase.js';
import type { Forge } from './training.js';
import { recorder, sheetOf } from '../shared/metrics.js';
import type { PartClock } from '../shared/part-clock.js';
import { finalAccuracy, levelsPassed, meanOfTools, type Judged } from './findings.js';
import type { LevelResult } from './levels.js';
import { rightIn } from './measure.js';
import type { CurriculumRun, TimedPart } from './prepare.js';
import { CURRICULUM_METRICS, FORGE_METRICS, OWN_METRICS, REPORT } from './table.js';

const OFF = 'this stage is switched off';
const LEVELS = 10;
const VIRTUES = ['golden_rule', 'honesty', 'justice', 'compassion'] as const;
const SECONDS_PER_HOUR = 3600;

/** What the detector says of a level's accuracies, attempts against held-out tasks. */
export function grokkingOfLevel({ epochs }: Pick<LevelResult, 'epochs'>): GrokkingReport {
  const points = epochs.flatMap(({ train, heldOut }, i) =>
    train === null ? [] : [{ step: i + 1, train, validation: heldOut }],
  );
  return grokkingOf(points);
}

/** Emit the 78 documented metrics of the curriculum: those of stages that are off are null, and say so. */
export function tellCurriculum(run: CurriculumRun, found: Judged): Readonly<Record<string, number | null>> {
  const { ctx, clock } = run;
  const record = recorder(ctx, CURRICULUM_METRICS);
  const told = sheetOf(CURRICULUM_METRICS);
  const step = found.consolidated.step;
  const tell = (name: Parameters<typeof record>[0], value: number | null, reason?: string): void => {
    told(name, value);
    record(name, value, { step, ...(reason === undefined ? {} : { reason }) });
  };
  tell('stage1/optimal_level', found.before.assessment.baseline);
  tell(
    'stage1/optimal_level_accuracy',
    found.before.assessment.verdict === 'found' ? found.before.assessment.threshold : null,
    'no difficulty of 1 to 100 has the accuracy that is sought',
  );
  for (const virtue of VIRTUES)
    for (const what of ['baking_loss', 'baking_iterations'] as const)
      tell(`stage2/virtue_${virtue}/${what}`, null, OFF);
  for (let level = 1; level <= LEVELS; level++) {
    const key = String(level).padStart(2, '0');
    const result = found.levels.find((one) => one.level === level);
    const last = result?.epochs.at(-1);
    const why = 'the level was not reached';
    tell(`stage1/level_${key}/gradient_variance`, null, 'not measured: levels are chosen by accuracy');
    tell(`stage3/level_${key}/train_loss`, last?.loss ?? null, why);
    tell(`stage3/level_${key}/train_accuracy`, last?.train ?? null, why);
    tell(`stage3/level_${key}/epochs_to_completion`, result?.epochs.length ?? null, why);
    tell(`stage6/level_${key}/dream_reconstruction_loss`, null, OFF);
  }
  const counts = found.tools?.counts ?? null;
  const none = 'no tools were taught';
  tell(
    'stage4/tool_success_rate',
    meanOfTools(found.tools, ({ called }) => called),
    none,
  );
  tell('stage4/code_execution_accuracy', found.tools?.tools['code-executor']?.called ?? null, none);
  tell('stage4/tool_calls_total', counts === null ? null : counts.total + found.calls.total, none);
  tell(
    'stage4/tool_calls_successful',
    counts === null ? null : counts.successful + found.calls.total - found.calls.failed,
    none,
  );
  tell('stage4/tool_calls_failed', counts === null ? null : counts.failed + found.calls.failed, none);
  tell(
    'stage4/sandbox_violations',
    counts === null ? null : counts.violations + found.calls.violations,
    none,
  );
  for (const what of [
    'temperature_prediction_accuracy',
    'predicted_temp_avg',
    'actual_optimal_temp_avg',
    'calibration_error',
    'self_modeling_loss',
  ] as const)
    tell(`stage5/${what}`, null, OFF);
  tell('stage7/questions_generated', run.book.drawnCount);
  for (const what of ['openrouter_cost_usd', 'frontier_model_calls'] as const)
    tell(`stage7/${what}`, null, 'no remote model was asked by this phase');
  tell('stage7/data_quality_score', run.book.drawnCount === 0 ? null : 1);
  tell('stage7/generation_time_hours', null, 'tasks are drawn while they are asked; not timed apart');
  tell('phase/stages_completed', stagesCompleted(found));
  const seconds = clock.seconds.reduce((sum, part) => sum + part.seconds, 0);
  tell('phase/total_duration_hours', seconds / SECONDS_PER_HOUR);
  return told.values as Readonly<Record<string, number | null>>;
}

/** Of the seven documented stages those that were run: assessment, generation, training, tools and progression. */
export function stagesCompleted({ levels, tools }: Pick<Judged, 'levels' | 'tools'>): number {
  return 2 + (levels.length > 0 ? 2 : 0) + (tools === null ? 0 : 1);
}

/** Emit what was measured of the 55 of main training; the rest is null, with the reason. */
export function tellForge(
  ctx: Pick<RecordContext, 'metric'>,
  found: Judged,
  forge: Pick<Forge, 'step'>,
): Readonly<Record<string, number | null>> {
  const values: Record<string, number | null> = {
    'train/loss': found.main.loss,
    'train/perplexity': found.main.loss === null ? null : Math.exp(found.main.loss),
    'val/loss': found.after.text,
    'val/perplexity': Math.exp(found.after.text),
    'val/accuracy': rightIn(found.after.examined, 'with'),
    'phase/total_steps': forge.step,
    'phase/final_accuracy': finalAccuracy(found),
    'phase/grokking_detected': found.levels.some((level) => grokkingOfLevel(level).detected) ? 1 : 0,
    'grokking/detected': found.levels.some((level) => grokkingOfLevel(level).detected) ? 1 : 0,
  };
  const told = new Set([...Object.keys(values), ...WATCHED_WHILE_TRAINING]);
  const record = recorder(ctx, FORGE_METRICS);
  record.all(values, { step: forge.step });
  const rest = Object.keys(FORGE_METRICS).filter((name) => !told.has(name));
  record.all(Object.fromEntries(rest.map((name) => [name, null])), {
    step: forge.step,
    reason: 'not measured in this run; agentforge bench grokfast measures what the filter is worth',
  });
  return values;
}

/** Emitted update by update. */
const WATCHED_WHILE_TRAINING = [
  'bitnet/zero_fraction',
  'bitnet/flip_rate',
  'bitnet/scale_mean',
  'bitnet/scale_std',
];

export function ownMetrics(found: Judged) {
  const values: Record<string, number | null> = {
    'assessment/baseline': found.before.assessment.baseline,
    forgetting: forgetting(found.retention, 'end'),
    'retention/first': retentionOf(found.retention, 'level 1', 'end'),
    'retention/all': retentionOfAll(found.retention, 'end'),
    'accuracy/before': found.before.accuracy,
    'accuracy/after': rightIn(found.after.examined, 'with'),
    'accuracy/without': rightIn(found.after.examined, 'without'),
    'perplexity/before': Math.exp(found.before.text),
    'perplexity/after': Math.exp(found.after.text),
    'anti_theater/divergence': testOf(found, 'T1_divergence'),
    'anti_theater/ablation_drop': testOf(found, 'T2_ablation'),
  };
  for (const [name, score] of Object.entries(found.tools?.tools ?? {})) {
    values[`tools/${name}/success_with_manual`] = score.called;
    values[`tools/${name}/success_without_manual`] = score.without;
    values[`tools/${name}/calls_without_manual`] = score.calledWithout;
  }
  if (found.tools !== null) values['tools/false_calls'] = found.tools.falseCalls;
  for (const { level, epochs } of found.levels)
    values[`level_${level}/held_out_accuracy`] = epochs.at(-1)?.heldOut ?? null;
  return values;
}

export function tellOwn(
  ctx: Pick<RecordContext, 'metric'>,
  values: ReturnType<typeof ownMetrics>,
  step: number,
): void {
  recorder(ctx, OWN_METRICS).all(values, { step });
}

function testOf({ theater }: Judged, name: string): number | null {
  return theater.tests.find((one) => one.name === name)?.value ?? null;
}

/** Numbers of the session report beyond the metrics. */
export function reportNumbers(found: Judged, seconds: PartClock<TimedPart>['seconds']) {
  const sheet = sheetOf(REPORT);
  for (const { name, seconds: taken } of seconds) sheet(`seconds/${name}`, taken);
  return { ...sheet.values, levels_passed: levelsPassed(found) };
}
