import type { AlertFacts } from '../../../core/contracts/sink.js';
import type { MetricValue } from '../../../core/contracts/metrics.js';
import type { LiveModel } from '../shared/model/open.js';
import { theaterAlert, theaterReport, thoughtAlerts, type TheaterReport } from '../shared/theater/index.js';
import { withBatchWriters } from '../../../nn/generation/index.js';
import { askInArms, sampleAbout, writerOf } from '../shared/thoughts/examine.js';
import { examinationOf } from './examination.js';
import { freeQuestions } from './free-questions.js';
import type { TheaterTestOptions } from './options.js';
import type { QuietstarRun } from './prepare.js';

/** What a small test of thoughts came to. */
export interface TheaterFinding {
  /** Null: no question fitted, and nothing can be said. */
  readonly theater: boolean | null;
  /** That were written: one a question, and those drawn about some of them. */
  readonly thoughts: number;
  /** What there is against the thoughts. */
  readonly alerts: readonly AlertFacts[];
  /** By name without `anti_theater/`. */
  readonly measured: Readonly<Record<TheaterMeasure, MetricValue>>;
}

export const THEATER_MEASURES = [
  'divergence',
  'ablation_drop',
  'length',
  'diversity',
  'repetition',
  'accuracy_with',
  'accuracy_without',
  'accuracy_other',
] as const;
export type TheaterMeasure = (typeof THEATER_MEASURES)[number];

const ARMS_ASKED = ['with', 'without', 'other'] as const;
/** Questions of which several thoughts are drawn. */
const DRAWN = 8;
/** Intervals of so few questions decide nothing. */
const RESAMPLES = 100;

/**
 * A few held-out questions, none of those that are reported on, with the own thought, without one and with that of another
 * question; none either of those that a choice between models goes by.
 */
export async function testThoughts(
  run: QuietstarRun,
  model: LiveModel,
  { required }: Pick<TheaterTestOptions, 'required'>,
): Promise<TheaterFinding> {
  const { tests: records } = freeQuestions(run.worked, run.options.quiet);
  const examination = examinationOf(run);
  const { samples } = run.options.thoughts;
  const { examined, drawn } = await withBatchWriters(run.options.examination.rows, async (writers) => {
    const writer = await writerOf(run.ctx, model, writers);
    const examined = await askInArms(examination, writer, { part: 'known', records }, { only: ARMS_ASKED });
    const some = { ...examined, records: examined.records.slice(0, DRAWN) };
    return { examined, drawn: (await sampleAbout(examination, writer, some, samples)).drawn };
  });
  const { arms } = examined;
  const report = theaterReport(
    { arms, samples: drawn },
    {
      required,
      against: arms.arms.other === undefined ? ['without'] : ['without', 'other'],
      ...{ minItems: 1, sure: false, seed: run.ctx.seed, resamples: RESAMPLES },
    },
  );
  const own = arms.thoughts.map(({ ids }) => ids);
  const more = drawn.reduce((sum, thoughts) => sum + thoughts.length, 0);
  return { ...findingOf(report, own), thoughts: own.length + more };
}

/** @param thoughts ids of each, without marks */
export function findingOf(
  report: TheaterReport,
  thoughts: readonly (readonly number[])[],
): Omit<TheaterFinding, 'thoughts'> {
  const { tests, accuracy, required, items } = report;
  const value = (name: string): number | null => tests.find((test) => test.name === name)?.value ?? null;
  const about = thoughtAlerts(thoughts);
  const failed = tests.some(({ name, passed }) => required.includes(name) && passed === false);
  const alert = failed ? theaterAlert(report) : null;
  return {
    theater: items === 0 ? null : failed || about.length > 0,
    alerts: [...about, ...(alert === null ? [] : [alert])],
    measured: {
      divergence: value('T1_divergence'),
      ablation_drop: value('T2_ablation'),
      length: value('T4_length'),
      diversity: value('T5_diversity'),
      repetition: value('T6_repetition'),
      accuracy_with: accuracy.with?.value ?? null,
      accuracy_without: accuracy.without?.value ?? null,
      accuracy_other: accuracy.other?.value ?? null,
    },
  };
}
