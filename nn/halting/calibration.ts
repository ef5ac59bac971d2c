import type { HaltingFacts } from '../../core/contracts/data-facts.js';
import { haltingStep } from './rule.js';

/** Exponential averages of what each step's halting head says and of how often the step is right. */
export interface HaltingCalibration {
  /** a_k: averaged accuracy of step k, first step first. Null before the first update. */
  readonly accuracy: readonly number[] | null;
  /** qbar_k: averaged halting probability of step k. Null before the first update. */
  readonly probability: readonly number[] | null;
}

export const UNCALIBRATED: HaltingCalibration = Object.freeze({ accuracy: null, probability: null });

/** Keeps logits finite: probabilities are moved at least this far from 0 and 1. */
const MARGIN = 1e-6;

/**
 * a_k <- decay a_k + (1 - decay) acc_k, and qbar_k likewise. The first update of a step takes the values as they
 * are, so that no start value has to fade; steps that an update did not run stay as they were.
 *
 * @param accuracy of the steps that were run, first step first
 */
export function updateCalibration(
  calibration: HaltingCalibration,
  accuracy: readonly number[],
  probability: readonly number[],
  decay = 0.98,
): HaltingCalibration {
  const average = (before: readonly number[] | null, now: readonly number[]): number[] => {
    const known = before ?? [];
    const moved = now.map((value, k) => (k < known.length ? decay * known[k]! + (1 - decay) * value : value));
    return [...moved, ...known.slice(now.length)];
  };
  return {
    accuracy: average(calibration.accuracy, accuracy),
    probability: average(calibration.probability, probability),
  };
}

/**
 * logit(q~_k) = logit(q_k) + logit(a_k) - logit(qbar_k): moves each step's mean halting probability to its measured
 * accuracy and keeps the order of tokens within a step. Without measurements the probability is returned as it is.
 *
 * @param step zero-based
 */
export function calibrate(halting: number, step: number, calibration: HaltingCalibration): number {
  const accuracy = calibration.accuracy?.[step];
  const probability = calibration.probability?.[step];
  if (accuracy === undefined || probability === undefined) return halting;
  return sigmoid(logit(halting) + logit(accuracy) - logit(probability));
}

/**
 * The halting rule of a specialised model: calibrated probabilities against its threshold.
 *
 * @returns a function from one position's q_1..q_K to the 1-based step to stop at
 */
export function calibratedRule(
  calibration: HaltingCalibration,
  threshold: number,
): (probabilities: readonly number[]) => number {
  return (probabilities) =>
    haltingStep(
      probabilities.map((q, step) => calibrate(q, step, calibration)),
      threshold,
    );
}

/** The rule that a model's metadata describe; undefined for one that takes every step. */
export function haltingRule(
  facts: HaltingFacts | null,
): ((probabilities: readonly number[]) => number) | undefined {
  return facts === null ? undefined : calibratedRule(facts, facts.threshold);
}

function logit(probability: number): number {
  const inside = Math.min(Math.max(probability, MARGIN), 1 - MARGIN);
  return Math.log(inside) - Math.log1p(-inside);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
