import type { HaltingFacts } from '../../../../core/contracts/data-facts.js';
import { haltingRule } from '../../../../nn/halting/index.js';
import type { HostBatch } from '../../../../nn/training/index.js';
import { withUntrained, type Measuring } from '../evaluation/untrained.js';
import type { LiveModel } from '../model/open.js';
import { Calibration, haltingFacts } from './calibration.js';

/** A model with the halting rule that was measured on it. */
export interface CalibratedModel extends LiveModel {
  /** Null for one that takes every recursion step. */
  readonly halting: HaltingFacts | null;
}

/**
 * The halting rule of a model for another that came of it. The rule weighs what each step says of itself by how often it was
 * right, and training has moved both: they are measured again on held-out rows. The threshold stays, and a model without a
 * rule hands none on.
 *
 * @param before of the model it came of
 * @param rows asked for only where something is measured
 */
export async function recalibrated(
  measuring: Measuring,
  model: LiveModel,
  before: HaltingFacts | null,
  rows: () => readonly HostBatch[],
): Promise<CalibratedModel> {
  if (before === null) return { ...model, halting: null };
  return withUntrained(measuring, model, async (trainer) => {
    const measured = new Calibration();
    measured.observe((await trainer.evaluate('param', rows())).metrics);
    const halting = haltingFacts(measured.state(), before.threshold);
    const halt = haltingRule(halting);
    const { halt: _, ...rest } = model;
    return { ...rest, halting, ...(halt === undefined ? {} : { halt }) };
  });
}
