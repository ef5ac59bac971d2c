import type { HaltingFacts } from '../../../../core/contracts/data-facts.js';
import { UNCALIBRATED, updateCalibration, type HaltingCalibration } from '../../../../nn/halting/index.js';
import { numbered } from '../../../../nn/numbered.js';

/** Follows how often each recursion step is right and how often it says so, while a model trains. */
export class Calibration {
  constructor(private current: HaltingCalibration = UNCALIBRATED) {}

  /** Take in one update's metrics; a model that does not halt by itself gives none and changes nothing. */
  observe(metrics: Readonly<Record<string, number>>): void {
    const accuracy = numbered(metrics, 'act/acc_step');
    const probability = numbered(metrics, 'act/halt_prob_step');
    if (probability.length === 0 || ![...accuracy, ...probability].every(Number.isFinite)) return;
    this.current = updateCalibration(this.current, accuracy, probability);
  }

  /** JSON. */
  state(): HaltingCalibration {
    return this.current;
  }
}

/** The halting rule of a model that was trained with a calibration; null for one that never halts by itself. */
export function haltingFacts(
  { accuracy, probability }: HaltingCalibration,
  threshold: number,
): HaltingFacts | null {
  return probability === null ? null : { threshold, accuracy, probability };
}
