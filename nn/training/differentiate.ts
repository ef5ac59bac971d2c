import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { AttentionPeak, Batch } from '../../core/contracts/architecture.js';
import type { FunctionContext } from '../../core/contracts/engine.js';
import type { ForwardFunction, ObjectiveResult } from '../../core/contracts/objective.js';
import type { TensorMap, TensorSpecs } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';
import { inLowPrecision } from '../precision/index.js';
import { lowFormatOf, type Amp } from './loss-scale.js';
import { trainedAttentions, trainedTensors, type BatchShape, type TrainingModel } from './model.js';
import { fromGroup } from './state.js';

/** The loss of one batch with its gradients by what is trained. */
export interface Pass {
  readonly grads: TensorMap;
  /** Of the attentions that are trained. */
  readonly peaks: readonly AttentionPeak[];
  /** Loss, cross-entropy, accuracy and metrics: scalars by output name. */
  readonly outputs: TensorMap;
}

/** Names and shapes of a micro-batch's inputs. */
export function batchSpecs(model: TrainingModel, { rows, length }: BatchShape): TensorSpecs {
  const spec = { shape: [rows, length], dtype: 'int32' as const };
  return { ids: spec, targets: spec, segments: spec, ...model.extras };
}

/** How a pass is computed. */
export interface PassSettings {
  /** null: no dropout and nothing random. */
  readonly context: FunctionContext | null;
  /** Recursion steps that are unrolled; absent: all. */
  readonly steps?: number | undefined;
  /** Whether forward passes find the peaks of attention, which an update clips by. */
  readonly peaks: boolean;
}

/** How gradients are computed. */
export interface GradientSettings extends Omit<PassSettings, 'peaks'> {
  /** Format of matrix products; default float32. */
  readonly amp?: Amp | undefined;
}

/** The objective of a batch. @param params all tensors by name, before the transform */
export function objectiveOf(
  model: TrainingModel,
  params: TensorMap,
  inputs: TensorMap,
  state: TensorMap,
  { context, steps, peaks }: PassSettings,
): ObjectiveResult {
  const { architecture, config, transform, extras = {} } = model;
  const unrolled = steps === undefined ? {} : { steps };
  const forward: ForwardFunction = (weights, input, options) =>
    architecture.forward(config, weights, input, { ...unrolled, peaks, ...options });
  return model.objective({
    forward,
    ...unrolled,
    params: transform === undefined ? params : transform(params),
    batch: batchOf(inputs),
    extras: Object.fromEntries(Object.keys(extras).map((name) => [name, inputs[name]!])),
    reference: fromGroup('ref', state),
    context,
  });
}

/** Scalars of an objective by the names a program gives them. */
export function objectiveOutputs({ loss, crossEntropy, accuracy, metrics }: ObjectiveResult): TensorMap {
  return { loss, crossEntropy, accuracy, ...namedMetrics(metrics) };
}

/** Scalars under `metric:<name>`. */
export function namedMetrics(metrics: Readonly<Record<string, Tensor>>): TensorMap {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`metric:${name}`, value]));
}

/**
 * Loss, its gradients with respect to everything trained, and the scalars worth logging. Where the state has a scale of the
 * loss, the gradients are those of the loss times the scale.
 */
export function differentiate(
  model: TrainingModel,
  params: TensorMap,
  inputs: TensorMap,
  state: TensorMap,
  { amp, ...settings }: GradientSettings,
): Pass {
  const names = trainedTensors(model).map((tensor) => tensor.name);
  const kept: { outputs: TensorMap; peaks: AttentionPeak[] } = { outputs: {}, peaks: [] };
  const loss = (...values: Tensor[]): Scalar => {
    const bound = { ...params, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
    const result = objectiveOf(model, bound, inputs, state, { ...settings, peaks: true });
    // The forward scope of autodiff disposes of whatever is not kept.
    kept.outputs = mapTensors(objectiveOutputs(result), (tensor) => tf.keep(tf.clone(tensor)));
    kept.peaks = peaksOf(model, result).map((entry) => ({ ...entry, peak: tf.keep(tf.clone(entry.peak)) }));
    return result.loss;
  };
  const scale = fromGroup('amp', state)['scale'] as Scalar | undefined;
  const work = (): TensorMap =>
    gradientsOf(loss, names, params, { scale, mayRest: settings.steps !== undefined });
  const format = lowFormatOf(amp);
  const grads = format === null ? work() : inLowPrecision(format, work);
  return {
    grads,
    outputs: mapTensors(kept.outputs, release),
    peaks: kept.peaks.map((entry) => ({ ...entry, peak: release(entry.peak) })),
  };
}

/**
 * @param scale what gradients are multiplied by on their way
 * @param mayRest what the loss does not depend on has a zero gradient: recursion steps that are not unrolled may have
 *   tensors of their own
 * @throws ForgeError AF_TRAINING_UNREACHED naming the tensors that the loss does not depend on
 */
function gradientsOf(
  loss: (...values: Tensor[]) => Scalar,
  names: readonly string[],
  params: TensorMap,
  { scale, mayRest }: { readonly scale: Scalar | undefined; readonly mayRest: boolean },
): TensorMap {
  const values = names.map((name) => params[name]!);
  const { grads } = tf.engine().gradients(() => loss(...values), values, scale, true);
  // Not there when nothing leads from the tensor to the loss, whatever its type says.
  const reached = grads as readonly (Tensor | undefined)[];
  const missing = names.filter((_, i) => reached[i] === undefined);
  if (missing.length === 0 || mayRest)
    return Object.fromEntries(names.map((name, i) => [name, reached[i] ?? tf.zerosLike(values[i]!)]));
  throw new ForgeError('AF_TRAINING_UNREACHED', `The loss does not depend on ${missing.join(', ')}.`, {
    at: 'trainable',
    fix: 'Leave these tensors out of `trainable`, or let the objective use them.',
    facts: { tensors: missing },
  });
}

function peaksOf(model: TrainingModel, { peaks }: ObjectiveResult): AttentionPeak[] {
  const trained = trainedAttentions(model);
  return peaks.filter(({ query, key }) => trained.some((site) => site.query === query && site.key === key));
}

function batchOf(inputs: TensorMap): Batch {
  return {
    ids: inputs['ids'] as Tensor2D,
    targets: inputs['targets'] as Tensor2D,
    segments: inputs['segments'] as Tensor2D,
  };
}

/** A tracked copy of a kept tensor, which is let go. */
function release(tensor: Tensor): Tensor {
  const copy = tf.clone(tensor);
  tensor.dispose();
  return copy;
}

export function mapTensors(
  tensors: Readonly<Record<string, Tensor>>,
  fn: (tensor: Tensor, name: string) => Tensor,
): TensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, fn(tensor, name)]));
}
