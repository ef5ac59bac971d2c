import type { PlanContext } from '../../../../core/contracts/phase.js';
import type { Engine } from '../../../../core/contracts/engine.js';
import { nextToken } from '../../../../nn/objectives/index.js';
import type { Trainer } from '../../../../nn/training/index.js';
import type { LiveModel } from '../model/open.js';
import type { ObjectiveOptions } from '../objective-options.js';
import type { OptimizerOptions, TrainingOptions } from '../options.js';
import { openTrainer } from '../training/trainer.js';

/** How losses of models that are not trained are measured: as training measures them. */
export interface Measuring {
  readonly ctx: Pick<PlanContext, 'resolve' | 'seed'>;
  readonly engine: Engine;
  readonly training: TrainingOptions;
  readonly optimizer: OptimizerOptions;
  readonly objective: ObjectiveOptions;
}

/** Let a model be measured by a trainer that trains nothing: its state holds the weights alone. */
export async function withUntrained<T>(
  { ctx, engine, training, optimizer, objective }: Measuring,
  model: LiveModel,
  measure: (trainer: Trainer) => Promise<T>,
): Promise<T> {
  const trainer = await openTrainer(ctx, {
    ...{ engine, shape: model, weights: model.weights, optimizer, training, seed: ctx.seed },
    objective: nextToken(objective),
    trainable: [],
  });
  try {
    return await measure(trainer);
  } finally {
    await trainer.dispose();
  }
}
