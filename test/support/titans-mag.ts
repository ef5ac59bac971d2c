import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { Value } from '@sinclair/typebox/value';
import type { Batch } from '../../core/contracts/architecture.js';
import type { FunctionContext } from '../../core/contracts/engine.js';
import type { ObjectiveResult } from '../../core/contracts/objective.js';
import type { HostTensor, TensorDict, TensorMap } from '../../core/contracts/tensor.js';
import { initializeWeights } from '../../nn/models/index.js';
import { stream } from '../../nn/random/index.js';
import { TitansMagSchema, type TitansMagConfig } from '../../plugins/architectures/titans-mag/config.js';
import { describeTitansMag } from '../../plugins/architectures/titans-mag/describe.js';
import { forward } from '../../plugins/architectures/titans-mag/forward.js';
import {
  NEXT_TOKEN,
  nextToken,
  type HaltingObjectiveOptions,
  type NextTokenOptions,
} from '../../nn/objectives/index.js';

/** Hyper-parameters with defaults filled in, as the kernel's validation leaves them. */
export function titansMagSettings(overrides: Readonly<Record<string, unknown>> = {}): TitansMagConfig {
  const filled = Value.Default(TitansMagSchema, structuredClone(overrides));
  if (!Value.Check(TitansMagSchema, filled))
    throw new Error(JSON.stringify([...Value.Errors(TitansMagSchema, filled)]));
  return filled;
}

/** A model small enough for the tfjs cpu backend. */
export function tinyTitansMag(overrides: Readonly<Record<string, unknown>> = {}): TitansMagConfig {
  const { recursion, ...others } = overrides as { recursion?: object };
  return titansMagSettings({
    vocabularySize: 40,
    contextLength: 32,
    dModel: 16,
    layers: 2,
    heads: 2,
    embeddingRank: 8,
    ffn: 24,
    window: 6,
    dMemory: 8,
    gateHidden: 12,
    memoryGroups: 4,
    recursion: {
      steps: 3,
      microSteps: 2,
      crossWidth: 8,
      crossHeads: 2,
      gHidden: 12,
      hHidden: 12,
      ...recursion,
    },
    ...others,
  });
}

/** Everything on: memory groups, surprise and novelty. */
export const SPECIALISED = { memoryCapacity: 64, surprise: 0.5, novelty: 0.5 } as const;

/**
 * Weights ten times as large as fresh ones where fresh ones are small, so that every path of the model carries
 * something and nothing is tested at a saddle.
 */
export function livelyWeights(config: TitansMagConfig, seed = 1): TensorDict {
  const weights = initializeWeights(describeTitansMag(config), seed);
  const numbers = stream(seed, 'lively');
  for (const [name, tensor] of Object.entries(weights)) {
    const data = tensor.data as Float32Array;
    const constant = data.every((value) => value === data[0]);
    for (let i = 0; i < data.length; i++)
      data[i] = constant ? data[i]! + 0.3 * numbers.normal() : data[i]! * 10;
    if (name === 'halting.bias') data[0] = -1;
  }
  return weights;
}

/** Seeded ids below the vocabulary size. */
export function randomIds(config: TitansMagConfig, length: number, seed = 1): Int32Array {
  const numbers = stream(seed, 'ids');
  return Int32Array.from({ length }, () => numbers.integer(config.vocabularySize));
}

export interface HostBatch {
  readonly ids: HostTensor;
  readonly targets: HostTensor;
  readonly segments: HostTensor;
}

/** A batch of random tokens in one document per row, each predicting the next; the last position has no target. */
export function randomBatch(config: TitansMagConfig, rows: number, length: number, seed = 1): HostBatch {
  const ids = randomIds(config, rows * length, seed);
  const targets = ids.map((_, i) => ((i + 1) % length === 0 ? -100 : ids[i + 1]!));
  const spec = { dtype: 'int32', shape: [rows, length] } as const;
  return {
    ids: { ...spec, data: ids },
    targets: { ...spec, data: targets },
    segments: { ...spec, data: new Int32Array(rows * length) },
  };
}

/** The tensors of a batch among others. */
export function batchIn(tensors: TensorMap): Batch {
  return {
    ids: tensors['ids'] as Tensor2D,
    targets: tensors['targets'] as Tensor2D,
    segments: tensors['segments'] as Tensor2D,
  };
}

export interface ObjectiveChanges extends Partial<Omit<NextTokenOptions, 'halting'>> {
  readonly halting?: Partial<HaltingObjectiveOptions>;
}

/** The next-token objective of titans-mag. @param changes laid over the defaults */
export function objective(
  config: TitansMagConfig,
  params: TensorMap,
  batch: Batch,
  changes: ObjectiveChanges = {},
  context: FunctionContext | null = null,
): ObjectiveResult {
  const halting = { ...NEXT_TOKEN.halting, ...changes.halting };
  return nextToken({ ...NEXT_TOKEN, ...changes, halting })({
    forward: (weights, input, given) => forward(config, weights, input, { peaks: true, ...given }),
    params,
    batch,
    extras: {},
    reference: {},
    context,
  });
}

/** Loss of a batch and its gradient by every parameter. */
export function lossAndGradients(
  config: TitansMagConfig,
  params: TensorMap,
  batch: Batch,
  options: ObjectiveChanges = {},
  context: FunctionContext | null = null,
  loss: (result: ObjectiveResult) => Tensor = (result) => result.loss,
): { readonly loss: Tensor; readonly grads: TensorMap } {
  const names = describeTitansMag(config).map((tensor) => tensor.name);
  const { value, grads } = tf.valueAndGrads((...values: Tensor[]) => {
    const bound = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    return loss(objective(config, bound, batch, options, context)) as tf.Scalar;
  })(names.map((name) => params[name]!));
  return { loss: value, grads: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}

/** Host tensors as tfjs tensors of the current backend. */
export function toTensors(dict: TensorDict): TensorMap {
  return Object.fromEntries(
    Object.entries(dict).map(([name, { data, shape, dtype }]) => [name, tf.tensor(data, [...shape], dtype)]),
  );
}
