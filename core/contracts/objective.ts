import type { Scalar } from '@tensorflow/tfjs';
import type { AttentionPeak, Batch, Forward, ForwardInput, ForwardOptions } from './architecture.js';
import type { FunctionContext } from './engine.js';
import type { TensorMap } from './tensor.js';

/** An architecture with its hyper-parameters: the forward pass alone. */
export type ForwardFunction = (params: TensorMap, input: ForwardInput, options?: ForwardOptions) => Forward;

/** What a loss may look at. */
export interface ObjectiveInput {
  /** While training it gives the peaks of attention unless its options say otherwise: a teacher's pass needs none. */
  readonly forward: ForwardFunction;
  /** Recursion steps that `forward` unrolls, unless its options say otherwise; absent: all that the model has. */
  readonly steps?: number;
  /** Parameters as the model computes with them (after the trainer's transform); gradients flow into them. */
  readonly params: TensorMap;
  readonly batch: Batch;
  /** Further inputs of the training run, by name (advantages, masks, a weight that changes by step). */
  readonly extras: TensorMap;
  /** Frozen weights of a teacher or anchor, by tensor name; empty without one. */
  readonly reference: TensorMap;
  /** null in evaluation: no dropout and nothing random. */
  readonly context: FunctionContext | null;
}

export interface ObjectiveResult {
  /** What training minimises: every term included. */
  readonly loss: Scalar;
  /** Mean next-token cross-entropy of the last answer that was computed over valid targets, nats. */
  readonly crossEntropy: Scalar;
  /** Share of valid targets whose most likely token is right. */
  readonly accuracy: Scalar;
  /** Scalars worth logging, by metric name. */
  readonly metrics: Readonly<Record<string, Scalar>>;
  /** Those of the pass that is trained, as `forward` gave them. */
  readonly peaks: readonly AttentionPeak[];
}

/** A loss: plain tfjs over forward passes, traced once. A phase hands one to the trainer. */
export type Objective = (input: ObjectiveInput) => ObjectiveResult;
