import { forgetting, HARDEST, retentionOf, retentionOfAll } from '../../../nn/curriculum/index.js';
import type { RecordContext } from '../../../core/contracts/phase.js';
import { recorder, sheetOf } from '../shared/metrics.js';
import type { PartClock } from '../shared/part-clock.js';
import { levelsPassed, meanOfTools, type Judged } from './findings.js';
import { rightIn } from '../shared/thoughts/locked.js';
import type { CurriculumRun, TimedPart } from './prepare.js';
import { reconstruction } from './dreams-told.js';
import { ruleMetrics, virtueMetrics } from './values-told.js';
import { headSpread } from './self-model.js';
import { CURRICULUM_METRICS, OWN_METRICS, REPORT } from './table.js';

const OFF = 'this stage is switched off';
const LEVELS = 10;
/** The tool that runs programs. */
const CODE_TOOL = 'code-executor';
/** Of a model that says at which temperature it is best. */
const TEMPERATURE = [
  'temperature_prediction_accuracy',
  'predicted_temp_avg',
  'actual_optimal_temp_avg',
  'calibration_error',
] as const;
const SECONDS_PER_HOUR = 3600;

/** Values under the names of the curriculum's metrics, each null with why. */
type Told = Record<string, { readonly value: number | null; readonly reason?: string }>;

/** Emit the 78 documented metrics of the curriculum: those of stages that are off are null, and say so. */
export function tellCurriculum(run: CurriculumRun, found: Judged): Readonly<Record<string, number | null>> {
  const record = recorder(run.ctx, CURRICULUM_METRICS);
  const step = found.consolidated.step;
  const told: Told = {
    ...assessmentMetrics(found),
    ...selfModelMetrics(found),
    ...virtueMetrics(run.options, found.values),
    ...levelMetrics(run, found),
    ...toolMetrics(found),
    ...generationMetrics(run),
    'phase/stages_completed': { value: stagesCompleted(found) },
    'phase/total_duration_hours': {
      value: run.clock.seconds.reduce((sum, part) => sum + part.seconds, 0) / SECONDS_PER_HOUR,
    },
  };
  const values = Object.entries(told).map(([name, { value, reason }]) => {
    record.all({ [name]: value }, { step, ...(reason === undefined ? {} : { reason }) });
    return [name, value] as const;
  });
  return Object.fromEntries(values);
}

function assessmentMetrics({ before: { assessment } }: Judged): Told {
  return {
    'stage1/optimal_level': { value: Math.ceil((assessment.baseline * LEVELS) / HARDEST) },
    'stage1/optimal_level_accuracy': {
      value: assessment.verdict === 'found' ? assessment.threshold : null,
      reason: 'no difficulty of 1 to 100 has the accuracy that is sought',
    },
  };
}

function selfModelMetrics({ selfModel }: Judged): Told {
  const reason = selfModel === null ? OFF : 'a model of itself predicts its activations, no temperatures';
  const unknown = TEMPERATURE.map((name) => [`stage5/${name}`, { value: null, reason }] as const);
  return { ...Object.fromEntries(unknown), 'stage5/self_modeling_loss': { value: selfModel, reason: OFF } };
}

function levelMetrics({ options }: CurriculumRun, { levels, before }: Judged): Told {
  const reason = 'the level was not reached';
  const told: Told = {};
  for (let level = 1; level <= LEVELS; level++) {
    const key = `level_${String(level).padStart(2, '0')}`;
    const result = levels.find((one) => one.level === level);
    const last = result?.epochs.at(-1);
    told[`stage1/${key}/gradient_variance`] = {
      value: before.gradientVariance[level - 1] ?? null,
      reason: 'the tasks of the level fill fewer than two batches',
    };
    told[`stage3/${key}/train_loss`] = { value: last?.loss ?? null, reason };
    told[`stage3/${key}/train_accuracy`] = {
      value: last?.train ?? null,
      reason: result === undefined ? reason : 'every task of the last epoch was asked with a hint',
    };
    told[`stage3/${key}/epochs_to_completion`] = { value: result?.epochs.length ?? null, reason };
    told[`stage6/${key}/dream_reconstruction_loss`] = reconstruction(options, result);
  }
  return told;
}

/** Calls of attempts and of the examination. */
function toolMetrics({ tools, calls }: Judged): Told {
  const reason = 'no tools were taught';
  const all = (count: number | undefined, attempts: number) => ({
    value: count === undefined ? null : count + attempts,
    reason,
  });
  const counts = tools?.counts;
  return {
    'stage4/tool_success_rate': { value: meanOfTools(tools, ({ called }) => called), reason },
    'stage4/code_execution_accuracy': { value: tools?.tools[CODE_TOOL]?.called ?? null, reason },
    'stage4/tool_calls_total': all(counts?.total, calls.total),
    'stage4/tool_calls_successful': all(counts?.successful, calls.total - calls.failed),
    'stage4/tool_calls_failed': all(counts?.failed, calls.failed),
    'stage4/sandbox_violations': all(counts?.violations, calls.violations),
  };
}

function generationMetrics({ book }: CurriculumRun): Told {
  const remote = 'no remote model was asked by this phase';
  return {
    'stage7/questions_generated': { value: book.drawnCount },
    'stage7/openrouter_cost_usd': { value: null, reason: remote },
    'stage7/frontier_model_calls': { value: null, reason: remote },
    'stage7/data_quality_score': { value: null, reason: 'a refused question ends the run: none was' },
    'stage7/generation_time_hours': {
      value: null,
      reason: 'tasks are drawn while they are asked; not timed apart',
    },
  };
}

/**
 * Of the seven stages that metrics are numbered by, those that were run: assessment (1) and generation (7) always; rules (2),
 * training in levels (3), tools (4), a model of itself (5) and dreams (6) where there were any.
 */
export function stagesCompleted({
  levels,
  tools,
  values,
  selfModel,
}: Pick<Judged, 'levels' | 'tools' | 'values' | 'selfModel'>): number {
  const dreamt = levels.some(({ dreams }) => dreams !== null && dreams.divergence !== null);
  const run = [values.entries.length > 0, levels.length > 0, tools !== null, selfModel !== null, dreamt];
  return 2 + run.filter(Boolean).length;
}

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
    'output_head/std': headSpread(found.end.latent),
    'anti_theater/divergence': testOf(found, 'T1_divergence'),
    'anti_theater/ablation_drop': testOf(found, 'T2_ablation'),
  };
  Object.assign(values, ruleMetrics(found.values));
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
  const reason = 'it was not asked for, or nothing of it was ever right';
  recorder(ctx, OWN_METRICS).all(values, { step, reason });
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
