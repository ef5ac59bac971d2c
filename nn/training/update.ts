import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import type { AttentionPeak } from '../../core/contracts/architecture.js';
import type { TensorMap, TensorSpecs } from '../../core/contracts/tensor.js';
import { averageWeights, clipByGlobalNorm } from '../optim/index.js';
import { mapTensors, namedMetrics, type Pass } from './differentiate.js';
import { trainedAttentions, trainedTensors, type TrainingModel } from './model.js';
import { nextLossScale, underflowFraction, type Amp } from './loss-scale.js';
import { fromGroup, inGroup, pick } from './state.js';

/** How gradients become an update: the only place of accumulation, clipping and skipping. */
export interface UpdateSettings {
  /** Global gradient norm is clipped to this. */
  readonly clipNorm: number;
  /** Micro-batches averaged into one update. */
  readonly accumulation: number;
  /** Format of matrix products; default float32. */
  readonly amp?: Amp;
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
 * Unscale, check, clip, update, average. An update whose gradient is not finite is skipped: parameters, averages and what
 * the optimizer carries stay as they are, to the bit, and `skipped` is 1. (The optimizer is given zeros then, so that what
 * it measures is a number.)
 */
export function applyUpdate(
  model: TrainingModel,
  { clipNorm }: UpdateSettings,
  inputs: TensorMap,
  state: TensorMap,
  { grads, peaks }: { readonly grads: TensorMap; readonly peaks: readonly AttentionPeak[] },
): { outputs: TensorMap; state: TensorMap } {
  const tensors = trainedTensors(model);
  const scaler = fromGroup('amp', state);
  const clipped = clipByGlobalNorm(unscaled(grads, scaler), clipNorm);
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
      ...namedMetrics({ ...result.metrics, ...scaleMetrics(grads, scaler, clipped.finite) }),
    },
    state: {
      ...unlessSkipped(skipped, state, {
        ...inGroup('param', result.params),
        ...inGroup('ema', ema),
        ...inGroup('opt', result.state),
      }),
      ...('scale' in scaler ? inGroup('amp', nextLossScale(scaler, clipped.finite)) : {}),
    },
  };
}

/** What follows a state: the state itself when the update is skipped. */
function unlessSkipped(skipped: Tensor, before: TensorMap, after: TensorMap): TensorMap {
  return mapTensors(after, (tensor, name) =>
    tensor === before[name] ? tensor : tf.where(skipped, before[name]!, tensor),
  );
}

/** Scales are powers of two: the quotient is exact. */
function unscaled(grads: TensorMap, { scale }: TensorMap): TensorMap {
  return scale === undefined ? grads : mapTensors(grads, (gradient) => tf.div(gradient, scale));
}

/** @param grads as they came, scaled */
function scaleMetrics(grads: TensorMap, { scale, overflows }: TensorMap, finite: Scalar): TensorMap {
  if (scale === undefined) return {};
  return {
    'amp/loss_scale': tf.clone(scale),
    'amp/overflow_count': tf.add(overflows!, tf.sub(1, finite)),
    'amp/underflow_fraction': underflowFraction(Object.values(grads)),
  };
}
