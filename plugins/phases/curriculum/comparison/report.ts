import type { ResultTable } from '../../../../core/contracts/phase.js';
import { figureText, timesToLoss, type ArmTime, type TimesToLoss } from '../../../../nn/evaluation/index.js';
import type { ArmCurve } from './arm.js';
import type { Comparison } from './compare.js';

/** Why there is no report. */
export const NOT_COMPARED =
  'no comparison in this run (phases.curriculum.comparison); agentforge bench grokfast measures toys';

/** Time of every arm to the best loss of the baseline. */
export function timesOf({ arms, baseline }: Comparison): TimesToLoss {
  return timesToLoss(Object.fromEntries(arms.map(({ name, points }) => [name, points])), baseline);
}

/** What the subject of a comparison saves. */
export function subjectTime(comparison: Comparison): ArmTime {
  return timesOf(comparison).arms[comparison.subject]!;
}

/** Whether a run saved as much as was asked for; null where it is not known. */
export function isMet({ reduction, mostReduction }: ArmTime, wanted: number): boolean | null {
  if (reduction !== null) return reduction >= wanted;
  return mostReduction !== null && mostReduction < wanted ? false : null;
}

/** The handoff's report (schemas/handoff/curriculum-to-baking.schema.json). @param wanted share of the seconds to be saved */
export function speedupFacts(comparison: Comparison | null, wanted: number) {
  if (comparison === null) return { report: null, reason: NOT_COMPARED };
  const { baseline, subject, steps, arms } = comparison;
  const times = timesOf(comparison);
  return {
    report: {
      ...{ baseline, subject, steps, target_loss: times.target },
      target_reduction_pct: 100 * wanted,
      met: isMet(times.arms[subject]!, wanted),
      arms: arms.map((arm) => armFacts(arm, times.arms[arm.name]!)),
    },
  };
}

function armFacts({ name, optimizer, diverged, points, millisecondsPerUpdate }: ArmCurve, time: ArmTime) {
  const known = time.seconds.high === null ? null : time;
  return {
    ...{ name, optimizer: optimizer.use, options: optimizer.options, diverged },
    ms_per_update: millisecondsPerUpdate,
    steps_to_target: known?.steps.low ?? null,
    seconds_to_target: known?.seconds.low ?? null,
    time_reduction_pct: percentOf(time.reduction),
    ...(time.reason === undefined ? {} : { reason: time.reason }),
    curve: points.map(({ step, seconds, loss, text, tasks }) => ({ step, seconds, loss, text, tasks })),
  };
}

/** A share in percent. */
export function percentOf(share: number | null): number | null {
  return share === null ? null : 100 * share;
}

/** For people: what every arm came to, and its loss update by update. */
export function comparisonTables(comparison: Comparison, wanted: number): ResultTable[] {
  const { arms, baseline } = comparison;
  const times = timesOf(comparison);
  const target = times.target === null ? 'none' : `${times.target.toFixed(4)} nats, the best of ${baseline}`;
  return [
    {
      title: `optimizers from the same model on the same data (target: ${target}; ${verdict(comparison, wanted)})`,
      columns: [
        'arm',
        'best loss',
        'last',
        'of text',
        'of tasks',
        'ms/update',
        'updates',
        'seconds',
        'saved',
      ],
      rows: arms.map((arm) => armRow(arm, times.arms[arm.name]!)),
    },
    {
      title: 'held-out loss by updates, mean of text and tasks, nats',
      columns: ['updates', ...arms.map(({ name }) => name)],
      rows: stepsOf(arms).map((step) => [String(step), ...arms.map((arm) => lossAt(arm, step))]),
    },
  ];
}

function verdict(comparison: Comparison, wanted: number): string {
  const time = subjectTime(comparison);
  const met = isMet(time, wanted);
  const words = met === null ? 'not known' : met ? 'met' : 'missed';
  return `${comparison.subject} saves ${savedText(time)} of the seconds, ${(100 * wanted).toFixed(0)} % is wanted: ${words}`;
}

function armRow({ name, points, diverged, millisecondsPerUpdate }: ArmCurve, time: ArmTime): string[] {
  const last = points.at(-1);
  if (last === undefined) return [name, ...Array.from({ length: 7 }, () => '-'), 'diverged'];
  const best = Math.min(...points.filter(({ step }) => step > 0).map(({ loss }) => loss));
  return [
    diverged ? `${name} (diverged)` : name,
    Number.isFinite(best) ? best.toFixed(4) : '-',
    ...[last.loss.toFixed(4), last.text.toFixed(4), last.tasks.toFixed(4)],
    millisecondsPerUpdate === null ? '-' : millisecondsPerUpdate.toFixed(1),
    ...[figureText(time.steps), figureText(time.seconds, 1), savedText(time)],
  ];
}

function savedText({ reduction, mostReduction }: ArmTime): string {
  const text = (share: number): string => `${(100 * share).toFixed(1)} %`;
  if (reduction !== null) return text(reduction);
  return mostReduction === null ? 'unknown' : `<= ${text(mostReduction)}`;
}

function stepsOf(arms: readonly ArmCurve[]): number[] {
  return [...new Set(arms.flatMap(({ points }) => points.map(({ step }) => step)))].sort((a, b) => a - b);
}

function lossAt({ points }: ArmCurve, step: number): string {
  return points.find((point) => point.step === step)?.loss.toFixed(4) ?? '-';
}
