import { evaluateByDataset, type DatasetEvaluation } from '../shared/evaluation/by-dataset.js';
import { withUntrained, type Measuring } from '../shared/evaluation/untrained.js';
import type { LiveModel } from '../shared/model/open.js';
import type { QuietstarRun } from './prepare.js';

/** How losses are measured: as step 1 trains. */
export function measuringOf({ ctx, options, engine }: QuietstarRun): Measuring {
  const { training, optimizer, objective } = options.baking;
  return { ctx, engine, training, optimizer, objective };
}

/** Loss on what is held out of the champion's own data, without thoughts. */
export function ordinaryLoss(run: QuietstarRun, model: LiveModel): Promise<DatasetEvaluation> {
  return withUntrained(measuringOf(run), model, (trainer) => evaluateByDataset(trainer, run.ordinary));
}
