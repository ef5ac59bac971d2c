import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { Architecture, AttentionPeak, TensorDescription } from '../../core/contracts/architecture.js';
import type { FunctionContext, ProgramFunction, ProgramSpec } from '../../core/contracts/engine.js';
import type { Optimizer } from '../../core/contracts/optimizer.js';
import type { TensorMap, TensorSpecs } from '../../core/contracts/tensor.js';
import { averageWeights, clipByGlobalNorm } from '../optim/index.js';
import { fromGroup, inGroup, type StateGroup } from './state.js';

/** What is trained and how it is updated. */
export interface TrainingModel {
  readonly architecture: Architecture;
  /** Validated hyper-parameters. */
  readonly config: unknown;
  readonly tensors: readonly TensorDescription[];
  readonly optimizer: Optimizer;
}

/** Rows B and tokens per row T of one micro-batch. */
export interface BatchShape {
  readonly rows: number;
  readonly length: number;
}

export interface UpdateSettings {
  /** Global gradient norm is clipped to this. */
  readonly clipNorm: number;
  /** Micro-batches averaged into one update. */
  readonly accumulation: number;
}

/** A function with its shapes, ready for `engine.compile`. */
export interface ProgramSource {
  readonly fn: ProgramFunction;
  readonly spec: ProgramSpec;
}

const BATCH_SCALARS = { step: scalarSpec(), learningRateScale: scalarSpec(), emaDecay: scalarSpec() };

/** Forward, backward and update in one program, for runs without accumulation. */
export function stepSource(model: TrainingModel, shape: BatchShape, settings: UpdateSettings): ProgramSource {
  const groups = stateSpecs(model);
  return {
    spec: {
      name: 'train-step',
      inputs: { ...batchSpecs(shape), ...BATCH_SCALARS },
      state: { ...groups.param, ...groups.ema, ...groups.opt },
    },
    fn: (inputs, state, context) => {
      const pass = differentiate(model, fromGroup('param', state), inputs, context);
      const update = applyUpdate(model, settings, inputs, state, pass.grads, pass.peaks);
      return { outputs: { ...pass.outputs, ...update.outputs }, state: update.state };
    },
  };
}

/** Forward and backward of one micro-batch, added to the accumulated gradients. */
export function accumulateSource(
  model: TrainingModel,
  shape: BatchShape,
  settings: UpdateSettings,
): ProgramSource {
  const groups = stateSpecs(model);
  return {
    spec: {
      name: 'train-accumulate',
      inputs: batchSpecs(shape),
      state: { ...groups.param, ...groups.grad, ...groups.peak },
    },
    fn: (inputs, state, context) => {
      const pass = differentiate(model, fromGroup('param', state), inputs, context);
      const before = fromGroup('grad', state);
      const peaksBefore = fromGroup('peak', state);
      const grad = mapTensors(pass.grads, (g, name) =>
        tf.add(before[name]!, tf.div(g, settings.accumulation)),
      );
      const peak = Object.fromEntries(
        pass.peaks.map((entry, i) => [String(i), tf.maximum(peaksBefore[String(i)]!, entry.peak)]),
      );
      return { outputs: pass.outputs, state: { ...inGroup('grad', grad), ...inGroup('peak', peak) } };
    },
  };
}

/** Update from the accumulated gradients, which start again from zero. */
export function applySource(model: TrainingModel, settings: UpdateSettings): ProgramSource {
  const groups = stateSpecs(model);
  const sites = model.architecture.attentions(model.config);
  return {
    spec: {
      name: 'train-apply',
      inputs: BATCH_SCALARS,
      state: { ...groups.param, ...groups.ema, ...groups.opt, ...groups.grad, ...groups.peak },
    },
    fn: (inputs, state) => {
      const grads = fromGroup('grad', state);
      const peaksNow = fromGroup('peak', state);
      const peaks = sites.map((site, i) => ({ ...site, peak: peaksNow[String(i)]! }));
      const update = applyUpdate(model, settings, inputs, state, grads, peaks);
      const cleared = {
        ...inGroup('grad', mapTensors(grads, zerosOf)),
        ...inGroup('peak', mapTensors(peaksNow, zerosOf)),
      };
      return { outputs: update.outputs, state: { ...update.state, ...cleared } };
    },
  };
}

/** Loss of a batch without dropout or update, with the parameters of one group. */
export function evaluateSource(
  model: TrainingModel,
  shape: BatchShape,
  group: 'param' | 'ema',
): ProgramSource {
  return {
    spec: { name: `evaluate-${group}`, inputs: batchSpecs(shape), state: stateSpecs(model)[group] },
    fn: (inputs, state) => {
      const objective = model.architecture.objective(
        model.config,
        fromGroup(group, state),
        batchOf(inputs),
        null,
      );
      return {
        outputs: {
          crossEntropy: objective.crossEntropy,
          accuracy: objective.accuracy,
          ...named('metric', objective.metrics),
        },
      };
    },
  };
}

/** Diagonal Fisher information: adds the squared gradient of one batch to `grad/`. */
export function fisherSource(model: TrainingModel, shape: BatchShape, group: 'param' | 'ema'): ProgramSource {
  const groups = stateSpecs(model);
  return {
    spec: { name: 'fisher', inputs: batchSpecs(shape), state: { ...groups[group], ...groups.grad } },
    fn: (inputs, state) => {
      const before = fromGroup('grad', state);
      const pass = differentiate(model, fromGroup(group, state), inputs, null);
      const grad = mapTensors(pass.grads, (g, name) => tf.add(before[name]!, tf.square(g)));
      return { outputs: { loss: pass.outputs['loss']! }, state: inGroup('grad', grad) };
    },
  };
}

/** Specs of every group of the training state. */
export function stateSpecs(model: TrainingModel): Record<StateGroup, TensorSpecs> {
  const tensors = Object.fromEntries(
    model.tensors.map(({ name, shape }) => [name, { shape, dtype: 'float32' as const }]),
  );
  const peaks = Object.fromEntries(
    model.architecture
      .attentions(model.config)
      .map(({ heads }, i) => [String(i), { shape: [heads], dtype: 'float32' as const }]),
  );
  return {
    param: inGroup('param', tensors),
    ema: inGroup('ema', tensors),
    grad: inGroup('grad', tensors),
    opt: inGroup('opt', model.optimizer.state(model.tensors)),
    peak: inGroup('peak', peaks),
  };
}

interface Pass {
  readonly grads: TensorMap;
  readonly peaks: readonly AttentionPeak[];
  readonly outputs: TensorMap;
}

/** Loss, its gradients with respect to every parameter, and the scalars worth logging. */
function differentiate(
  model: TrainingModel,
  params: TensorMap,
  inputs: TensorMap,
  context: FunctionContext | null,
): Pass {
  const names = model.tensors.map((tensor) => tensor.name);
  const kept: { outputs: TensorMap; peaks: AttentionPeak[] } = { outputs: {}, peaks: [] };
  const loss = (...values: Tensor[]): Scalar => {
    const bound = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    const objective = model.architecture.objective(model.config, bound, batchOf(inputs), context);
    // The forward scope of autodiff disposes of whatever is not kept.
    kept.outputs = mapTensors(
      {
        loss: objective.loss,
        crossEntropy: objective.crossEntropy,
        accuracy: objective.accuracy,
        ...named('metric', objective.metrics),
      },
      (tensor) => tf.keep(tf.clone(tensor)),
    );
    kept.peaks = objective.peaks.map((entry) => ({ ...entry, peak: tf.keep(tf.clone(entry.peak)) }));
    return objective.loss;
  };
  const { grads } = tf.valueAndGrads(loss)(names.map((name) => params[name]!));
  return {
    grads: Object.fromEntries(names.map((name, i) => [name, grads[i]!])),
    outputs: mapTensors(kept.outputs, release),
    peaks: kept.peaks.map((entry) => ({ ...entry, peak: release(entry.peak) })),
  };
}

/**
 * Clip, update, average. A batch whose gradient is not finite is skipped: its gradients count as zero and the
 * learning rate as zero, so the parameters stay as they are and `skipped` is 1.
 */
function applyUpdate(
  model: TrainingModel,
  settings: UpdateSettings,
  inputs: TensorMap,
  state: TensorMap,
  grads: TensorMap,
  peaks: readonly AttentionPeak[],
): { outputs: TensorMap; state: TensorMap } {
  const { grads: clipped, norm, finite } = clipByGlobalNorm(grads, settings.clipNorm);
  const result = model.optimizer.update({
    tensors: model.tensors,
    params: fromGroup('param', state),
    grads: clipped,
    state: fromGroup('opt', state),
    step: inputs['step'] as Scalar,
    learningRateScale: tf.mul(inputs['learningRateScale']!, finite),
    peaks,
  });
  const ema = averageWeights(fromGroup('ema', state), result.params, inputs['emaDecay'] as Scalar);
  return {
    outputs: { gradNorm: norm, skipped: tf.sub(1, finite), ...named('metric', result.metrics) },
    state: { ...inGroup('param', result.params), ...inGroup('ema', ema), ...inGroup('opt', result.state) },
  };
}

function batchOf(inputs: TensorMap): { ids: Tensor2D; targets: Tensor2D; segments: Tensor2D } {
  return {
    ids: inputs['ids'] as Tensor2D,
    targets: inputs['targets'] as Tensor2D,
    segments: inputs['segments'] as Tensor2D,
  };
}

function batchSpecs({ rows, length }: BatchShape): TensorSpecs {
  const spec = { shape: [rows, length], dtype: 'int32' as const };
  return { ids: spec, targets: spec, segments: spec };
}

function scalarSpec(): { shape: readonly number[]; dtype: 'float32' } {
  return { shape: [], dtype: 'float32' };
}

function zerosOf(tensor: Tensor): Tensor {
  return tf.zeros(tensor.shape);
}

/** A tracked copy of a kept tensor, which is let go. */
function release(tensor: Tensor): Tensor {
  const copy = tf.clone(tensor);
  tensor.dispose();
  return copy;
}

function named(prefix: string, tensors: Readonly<Record<string, Tensor>>): TensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}:${name}`, tensor]));
}

function mapTensors(
  tensors: Readonly<Record<string, Tensor>>,
  fn: (tensor: Tensor, name: string) => Tensor,
): TensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, fn(tensor, name)]));
}
