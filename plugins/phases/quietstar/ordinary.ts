import { nextToken } from '../../../nn/objectives/index.js';
import { evaluateByDataset, type DatasetEvaluation } from '../shared/evaluation/by-dataset.js';
import type { LiveModel } from '../shared/model/open.js';
import { openTrainer } from '../shared/training/trainer.js';
import type { QuietstarRun } from './prepare.js';

/** Loss on what is held out of the champion's own data, without thoughts. */
export async function ordinaryLoss(
  { ctx, options, engine, ordinary }: QuietstarRun,
  model: LiveModel,
): Promise<DatasetEvaluation> {
  const { training, optimizer, objective } = options.baking;
  const trainer = await openTrainer(ctx, {
    ...{ engine, shape: model, weights: model.weights, optimizer, training, seed: ctx.seed },
    objective: nextToken(objective),
    // Nothing is trained: the state holds the weights alone.
    trainable: [],
  });
  try {
    return await evaluateByDataset(trainer, ordinary);
  } finally {
    await trainer.dispose();
  }
}
