import { ForgeError } from '../../core/errors/index.js';
import { atLeast, exactly, type Figure } from './figures.js';

/** One evaluation of a training run. */
export interface LossPoint {
  /** Updates before it; 0 is the model that all runs start from. */
  readonly step: number;
  /** Seconds of those updates. */
  readonly seconds: number;
  /** Held-out loss, nats. */
  readonly loss: number;
}

/** What a run took until its loss was that of the baseline's best evaluation. */
export interface ArmTime {
  /** Of the first evaluation at the target or below; `at least` all that was done where there was none. */
  readonly steps: Figure;
  readonly seconds: Figure;
  /** 1 - t / t_baseline in seconds, below 0 where the run took longer; null where a time is not known. */
  readonly reduction: number | null;
  /** What it can be at most: of a run that was never there, by the seconds it was given; null where nothing bounds it. */
  readonly mostReduction: number | null;
  /** `reduction` in updates. */
  readonly stepReduction: number | null;
  /** Why reductions are null. */
  readonly reason?: string;
}

export interface TimesToLoss {
  /** Lowest loss of the baseline after its first update; null where it was never evaluated then. */
  readonly target: number | null;
  /** By run, in the order that was given. */
  readonly arms: Readonly<Record<string, ArmTime>>;
}

/**
 * Time to equal loss of runs that start from one model: the target is the best loss of the baseline within its budget, and a
 * run is there at its first evaluation at or below it, without interpolation. A run that never is has no reduction: its time
 * is known from below alone.
 *
 * @param curves evaluations of each run, the one of step 0 first
 * @throws ForgeError AF_INTERNAL when the baseline is no run
 */
export function timesToLoss(
  curves: Readonly<Record<string, readonly LossPoint[]>>,
  baseline: string,
): TimesToLoss {
  const own = curves[baseline];
  if (own === undefined) throw new ForgeError('AF_INTERNAL', `the baseline ${baseline} is no run`);
  const trained = own.filter(({ step }) => step > 0);
  const target = trained.length === 0 ? null : Math.min(...trained.map(({ loss }) => loss));
  const base = target === null ? null : reached(own, target);
  const arms = Object.entries(curves).map(([name, curve]) => [name, timeOf(curve, target, base)] as const);
  return { target, arms: Object.fromEntries(arms) };
}

function reached(curve: readonly LossPoint[], target: number): LossPoint | null {
  return curve.find(({ loss }) => loss <= target) ?? null;
}

function timeOf(curve: readonly LossPoint[], target: number | null, base: LossPoint | null): ArmTime {
  const there = target === null ? null : reached(curve, target);
  const last = curve.at(-1) ?? { step: 0, seconds: 0 };
  const taken =
    there === null
      ? { steps: atLeast(last.step), seconds: atLeast(last.seconds) }
      : { steps: exactly(there.step), seconds: exactly(there.seconds) };
  const unknown = (reason: string, mostReduction: number | null = null): ArmTime => ({
    ...{ ...taken, reduction: null, mostReduction, stepReduction: null, reason },
  });
  if (base === null) return unknown('the baseline was never evaluated');
  if (base.step === 0) return unknown('the baseline never got below the loss of the model that came in');
  const reduction = 1 - taken.seconds.low / base.seconds;
  if (there === null) return unknown(`the target was not reached in ${last.step} updates`, reduction);
  return { ...taken, reduction, mostReduction: reduction, stepReduction: 1 - there.step / base.step };
}
