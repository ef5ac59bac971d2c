import { ForgeError } from '../../core/errors/index.js';

/** One evaluation: the same metric with the same masking on both sides, 0..1. */
export interface AccuracyPoint {
  readonly step: number;
  readonly train: number;
  readonly validation: number;
}

/** When training counts as memorised, generalised, and the way between as grokking. */
export interface GrokkingThresholds {
  /** Accuracy that is kept over `confirmations` evaluations in a row; the first of them is when it was reached. */
  readonly accuracy: number;
  readonly confirmations: number;
  /** Least distance of train and validation when the training set was memorised. */
  readonly gap: number;
  /** Least ratio of the steps to generalisation and to memorisation. */
  readonly delay: number;
  /** What validation has to gain between the two. */
  readonly rise: number;
  /** How far below `accuracy` validation has to fall afterwards, over `confirmations` evaluations, to have collapsed. */
  readonly collapse: number;
}

export const GROKKING: GrokkingThresholds = Object.freeze({
  accuracy: 0.95,
  confirmations: 3,
  gap: 0.3,
  delay: 2,
  rise: 0.3,
  collapse: 0.3,
});

/** `transition`: memorised, and validation has risen by `rise` since. */
export type GrokkingStage = 'init' | 'memorised' | 'transition' | 'generalised';
export type GrokkingVerdict = 'grokked' | 'ordinary_generalisation' | 'memorised_only' | 'none';

export interface GrokkingReport {
  readonly stage: GrokkingStage;
  readonly verdict: GrokkingVerdict;
  /** The verdict is `grokked`. */
  readonly detected: boolean;
  /** First evaluation at which smoothed validation was midway between memorisation and the end; null unless detected. */
  readonly step: number | null;
  /** t_mem and t_gen; null where they were not reached. */
  readonly memorisedStep: number | null;
  readonly generalisedStep: number | null;
  /** Largest slope of smoothed validation, per step; null with fewer than two evaluations. */
  readonly accuracyDerivative: number | null;
  /** What validation gained from memorisation to the end (before a collapse); null before memorisation. */
  readonly improvement: number | null;
  /** t_gen / t_mem. */
  readonly delayRatio: number | null;
  /** Train less validation at memorisation. */
  readonly gap: number | null;
  /** When validation was lost again after it had generalised, and how low it fell. */
  readonly collapse: { readonly step: number; readonly lowest: number } | null;
}

/**
 * Whether a run grokked (Power et al. 2022): it fitted its training set while validation was far behind, and generalised
 * long after. One evaluation decides nothing: accuracies count when they are kept, and validation is smoothed by a running
 * median.
 *
 * @param series in the order of its steps
 * @throws ForgeError AF_INTERNAL when steps do not grow
 */
export function grokkingOf(
  series: readonly AccuracyPoint[],
  thresholds: GrokkingThresholds = GROKKING,
): GrokkingReport {
  requireOrder(series);
  const { accuracy, confirmations } = thresholds;
  const validation = runningMedian(series, confirmations);
  const memorised = firstKept(series, confirmations, ({ train }) => train >= accuracy);
  const generalised = firstKept(series, confirmations, (point) => point.validation >= accuracy);
  const collapse = collapseOf(series, generalised, thresholds);
  const start = memorised === null ? null : startOf(series, memorised, confirmations);
  const end = validation[(collapse?.at ?? series.length) - 1];
  const stepAt = (at: number | null): number | null => (at === null ? null : series[at]!.step);
  const [memorisedStep, generalisedStep] = [stepAt(memorised), stepAt(generalised)];
  const delayRatio =
    memorisedStep === null || generalisedStep === null ? null : generalisedStep / memorisedStep;
  const risen = (at: number): boolean => validation[at]! - start!.validation >= thresholds.rise;
  const detected =
    start !== null &&
    start.gap >= thresholds.gap &&
    delayRatio !== null &&
    delayRatio >= thresholds.delay &&
    risen(generalised! + confirmations - 1);
  return {
    stage: stageOf(memorised, generalised, () => validation.some((_, at) => at > memorised! && risen(at))),
    verdict: verdictOf(memorised, generalised, detected),
    detected,
    step: detected
      ? midwayStep(series, validation, { from: memorised!, low: start.validation, high: end! })
      : null,
    ...{ memorisedStep, generalisedStep, delayRatio },
    accuracyDerivative: steepest(series, validation),
    improvement: start === null ? null : end! - start.validation,
    gap: start?.gap ?? null,
    collapse: collapse === null ? null : { step: series[collapse.at]!.step, lowest: collapse.lowest },
  };
}

/** A series that grows: JSON, to be kept with a checkpoint. */
export interface GrokkingHistory {
  readonly points: readonly AccuracyPoint[];
  /** Grokking has been told. */
  readonly fired: boolean;
}

export const GROKKING_START: GrokkingHistory = Object.freeze({ points: Object.freeze([]), fired: false });

/** One evaluation more. @returns the history with it, what it says now, and whether grokking is detected for the first time */
export function observeGrokking(
  history: GrokkingHistory,
  point: AccuracyPoint,
  thresholds: GrokkingThresholds = GROKKING,
): { readonly history: GrokkingHistory; readonly report: GrokkingReport; readonly fires: boolean } {
  const points = [...history.points, point];
  const report = grokkingOf(points, thresholds);
  const fires = report.detected && !history.fired;
  return { history: { points, fired: history.fired || fires }, report, fires };
}

/** Index of the first of `count` evaluations in a row that are all good. */
function firstKept(
  series: readonly AccuracyPoint[],
  count: number,
  good: (point: AccuracyPoint) => boolean,
  from = 0,
): number | null {
  let inARow = 0;
  for (let at = from; at < series.length; at++) {
    inARow = good(series[at]!) ? inARow + 1 : 0;
    if (inARow === count) return at - count + 1;
  }
  return null;
}

/** Validation and its distance from train over the evaluations that confirm memorisation: one of them may be a spike. */
function startOf(
  series: readonly AccuracyPoint[],
  memorised: number,
  count: number,
): { readonly validation: number; readonly gap: number } {
  const confirming = series.slice(memorised, memorised + count);
  return {
    validation: middle(confirming.map((point) => point.validation)),
    gap: middle(confirming.map((point) => point.train - point.validation)),
  };
}

function collapseOf(
  series: readonly AccuracyPoint[],
  generalised: number | null,
  { accuracy, confirmations, collapse }: GrokkingThresholds,
): { readonly at: number; readonly lowest: number } | null {
  if (generalised === null) return null;
  const lost = (point: AccuracyPoint): boolean => point.validation <= accuracy - collapse;
  const at = firstKept(series, confirmations, lost, generalised);
  return at === null ? null : { at, lowest: Math.min(...series.slice(at).map((point) => point.validation)) };
}

function stageOf(
  memorised: number | null,
  generalised: number | null,
  hasRisen: () => boolean,
): GrokkingStage {
  if (generalised !== null) return 'generalised';
  if (memorised === null) return 'init';
  return hasRisen() ? 'transition' : 'memorised';
}

function verdictOf(memorised: number | null, generalised: number | null, detected: boolean): GrokkingVerdict {
  if (detected) return 'grokked';
  if (generalised !== null) return 'ordinary_generalisation';
  return memorised === null ? 'none' : 'memorised_only';
}

function midwayStep(
  series: readonly AccuracyPoint[],
  smoothed: readonly number[],
  { from, low, high }: { readonly from: number; readonly low: number; readonly high: number },
): number {
  const at = smoothed.findIndex((value, i) => i >= from && value >= (low + high) / 2);
  return series[at]!.step;
}

function steepest(series: readonly AccuracyPoint[], smoothed: readonly number[]): number | null {
  if (series.length < 2) return null;
  const slopes = smoothed
    .slice(1)
    .map((value, i) => (value - smoothed[i]!) / (series[i + 1]!.step - series[i]!.step));
  return Math.max(...slopes);
}

/** Validation as the median of `count` evaluations around each; at the ends, of the first or the last ones. */
function runningMedian(series: readonly AccuracyPoint[], count: number): number[] {
  const most = Math.max(0, series.length - count);
  return series.map((_, at) => {
    const from = Math.min(most, Math.max(0, at - (count >> 1)));
    return middle(series.slice(from, from + count).map((point) => point.validation));
  });
}

/** The lower of the two in the middle of an even number. */
function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]!;
}

function requireOrder(series: readonly AccuracyPoint[]): void {
  if (series.every(({ step }, i) => i === 0 || step > series[i - 1]!.step)) return;
  throw new ForgeError('AF_INTERNAL', 'evaluations of a run are not in the order of their steps');
}
