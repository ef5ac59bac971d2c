import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { ForgeError } from '../../../../core/errors/index.js';
import { BAKING_DIVERGENCE, KEPT_DIVERGENCE } from '../../../../nn/objectives/index.js';
import { inGroup, type EvaluationResult } from '../../../../nn/training/index.js';
import type { MetricTable } from '../metrics.js';
import { openTrainer } from '../training/trainer.js';
import type { BakingContext } from './types.js';
import type { BakingWork } from './work.js';

/** What bakings measure beside the usual metrics of training, for a phase's table. */
export const BAKING_METRICS = {
  [BAKING_DIVERGENCE]: {
    unit: 'nats',
    direction: 'lower',
    description: 'Divergence of the model without its prompt from the frozen one with it, per baked token.',
  },
  [KEPT_DIVERGENCE]: {
    unit: 'nats',
    direction: 'lower',
    description: 'Divergence of the model from the frozen one on texts that are to be kept, per token.',
  },
} as const satisfies MetricTable;

/** Measures plain weights on the held-out examples of a bake, its teacher included. */
export interface Measurement {
  /** Held-out loss, nats. @throws ForgeError AF_MODEL_NOT_FINITE */
  lossOf(weights: TensorDict): Promise<number>;
  /** Tokens it is a mean over. */
  readonly targets: number;
  dispose(): Promise<void>;
}

/** Compiled once, for as many sets of weights as are to be compared. Dispose of it afterwards. */
export async function openMeasurement(ctx: BakingContext, work: BakingWork): Promise<Measurement> {
  const { request, method, heldOut, parts } = work;
  const { model } = work.start;
  // Nothing is trained: the state holds the weights alone.
  const trainer = await openTrainer(ctx, {
    engine: await ctx.engine(),
    shape: model,
    weights: model.weights,
    trainable: [],
    ...(method.teacher === null ? {} : { reference: model.weights }),
    ...(request.transform === undefined ? {} : { transform: request.transform }),
    ...parts,
    optimizer: request.optimizer,
    training: request.training,
    seed: request.seed,
  });
  return {
    targets: heldOut.reduce((sum, { targets }) => sum + targets.filter((id) => id >= 0).length, 0),
    lossOf: async (weights) => {
      await trainer.restore(inGroup('param', weights));
      const loss = bakingLoss(work)(await trainer.evaluate('param', heldOut));
      if (Number.isFinite(loss)) return loss;
      throw new ForgeError('AF_MODEL_NOT_FINITE', `The held-out loss of ${request.name} is not a number.`, {
        at: request.name,
        fix: 'The weights are damaged or training diverged: lower the learning rate, or start from an earlier model.',
      });
    },
    dispose: () => trainer.dispose(),
  };
}

/**
 * What a bake is measured by.
 * @throws ForgeError AF_PLUGIN_FAILED when the objective does not measure what its method names
 */
export function bakingLoss({ method, request }: Pick<BakingWork, 'method' | 'request'>) {
  return ({ crossEntropy, metrics }: EvaluationResult): number => {
    if (method.metric === null) return crossEntropy;
    const value = metrics[method.metric];
    if (value !== undefined) return value;
    throw new ForgeError(
      'AF_PLUGIN_FAILED',
      `The objective of the baking method ${request.method.use} gives no metric ${method.metric}.`,
      {
        at: request.method.use,
        fix: `Let it give ${method.metric} among its metrics, or name one of ${Object.keys(metrics).join(', ')}.`,
      },
    );
  };
}
