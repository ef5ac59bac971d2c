import { UNCALIBRATED, updateCalibration, type HaltingCalibration } from '../../../nn/halting/index.js';
import { numbered } from '../../../nn/numbered.js';

export type CalibrationState = HaltingCalibration;

/** Follows how often each recursion step is right and how often it says so, while a stage trains (spec 1.4). */
export class Calibration {
  constructor(private current: HaltingCalibration = UNCALIBRATED) {}

  /** Take in one update's metrics; an architecture without halting gives none and changes nothing. */
  observe(metrics: Readonly<Record<string, number>>): void {
    const accuracy = numbered(metrics, 'act/acc_step');
    const probability = numbered(metrics, 'act/halt_prob_step');
    if (accuracy.length === 0 || ![...accuracy, ...probability].every(Number.isFinite)) return;
    this.current = updateCalibration(this.current, accuracy, probability);
  }

  state(): CalibrationState {
    return this.current;
  }
}
