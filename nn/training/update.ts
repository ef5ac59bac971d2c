import * as tf from '@tensorflow/tfjs';
import type { Scalar } from '@tensorflow/tfjs';
import type { AttentionPeak } from '../../core/contracts/architecture.js';
import type { TensorMap, TensorSpecs } from '../../core/contracts/tensor.js';
import { averageWeights, clipByGlobalNorm } from '../optim/index.js';
import { mapTensors, namedMetrics, type Pass } from './differentiate.js';
import { trainedAttentions, trainedTensors, type TrainingModel } from './model.js';
import { fromGroup, inGroup, pick } from './state.js';

/** How gradients become an update: the only place of accumulation, clipping and skipping. */
export interface UpdateSettings {
  /** Global gradient norm is clipped to this. */
  readonly clipNorm: number;
  /** Micro-batches averaged into one update. */
  readonly accumulation: number;
}

const scalar = { shape: [], dtype: 'float32' } as const;

/** What is fed to an update besides data. */
export const UPDATE_SCALARS: TensorSpecs = { step: scalar, learningRateScale: scalar, emaDecay: scalar };

/** The accumulated gradients and peaks after one more micro-batch. */
export function accumulated(
  { grads, peaks }: Pass,
  state: TensorMap,
  { accumulation }: UpdateSettings,
): TensorMap {
  const before = fromGroup('grad', state);
  const peaksBefore = fromGroup('peak', state);
  const grad = mapTensors(grads, (g, name) => tf.add(before[name]!, tf.div(g, accumulation)));
  const peak = Object.fromEntries(
    peaks.map((entry, i) => [String(i), tf.maximum(peaksBefore[String(i)]!, entry.peak)]),
  );
  return { ...inGroup('grad', grad), ...inGroup('peak', peak) };
}

/** What was accumulated, as one pass would give it. */
export function accumulatedPass(model: TrainingModel, state: TensorMap): Pick<Pass, 'grads' | 'peaks'> {
  const peaks = fromGroup('peak', state);
  return {
    grads: fromGroup('grad', state),
    peaks: trainedAttentions(model).map((site, i) => ({ ...site, peak: peaks[String(i)]! })),
  };
}

/** Zeros for everything accumulated. */
export function clearedAccumulators(state: TensorMap): TensorMap {
  const zeros = (group: TensorMap): TensorMap => mapTensors(group, (tensor) => tf.zeros(tensor.shape));
  return {
    ...inGroup('grad', zeros(fromGroup('grad', state))),
    ...inGroup('peak', zeros(fromGroup('peak', state))),
  };
}

/**
 * Clip, update, average. A batch whose gradient is not finite is skipped: its gradients, the peaks of its scores and the
 * learning rate count as zero, so the parameters stay as they are and `skipped` is 1.
 */
export function applyUpdate(
  model: TrainingModel,
  { clipNorm }: UpdateSettings,
  inputs: TensorMap,
  state: TensorMap,
  { grads, peaks }: { readonly grads: TensorMap; readonly peaks: readonly AttentionPeak[] },
): { outputs: TensorMap; state: TensorMap } {
  const tensors = trainedTensors(model);
  const clipped = clipByGlobalNorm(grads, clipNorm);
  const skipped = tf.equal(clipped.finite, 0);
  const result = model.optimizer.update({
    tensors,
    params: pick(
      fromGroup('param', state),
      tensors.map(({ name }) => name),
    ),
    grads: clipped.grads,
    state: fromGroup('opt', state),
    step: inputs['step'] as Scalar,
    learningRateScale: tf.mul(inputs['learningRateScale']!, clipped.finite),
    // Scores that overflowed would have every query and key scaled to zero.
    peaks: peaks.map((entry) => ({
      ...entry,
      peak: tf.where(skipped, tf.zerosLike(entry.peak), entry.peak),
    })),
  });
  const ema = averageWeights(fromGroup('ema', state), result.params, inputs['emaDecay'] as Scalar);
  return {
    outputs: {
      gradNorm: clipped.norm,
      skipped: tf.sub(1, clipped.finite),
      ...namedMetrics(result.metrics),
    },
    state: { ...inGroup('param', result.params), ...inGroup('ema', ema), ...inGroup('opt', result.state) },
  };
}
