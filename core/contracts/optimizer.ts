import type { Scalar, Tensor } from '@tensorflow/tfjs';
import type { AttentionPeak, TensorDescription } from './architecture.js';
import { defineFor } from './plugin.js';
import type { TensorMap, TensorSpecs } from './tensor.js';
import { createToken } from './token.js';

/** What one update sees. Step and schedule are tensors: they change between runs of one graph. */
export interface OptimizerInput {
  /** What each tensor is for: rules often differ by role. */
  readonly tensors: readonly TensorDescription[];
  /** Float32, by name. */
  readonly params: TensorMap;
  /** Gradients of the same names, clipped already. */
  readonly grads: TensorMap;
  /** What `state` described, as the last update left it. */
  readonly state: TensorMap;
  /** 1 at the first update. */
  readonly step: Scalar;
  /** Schedule factor in [0, 1] that multiplies every learning rate. */
  readonly learningRateScale: Scalar;
  /** Largest attention scores of the step, for QK-clip; empty where the architecture reports none. */
  readonly peaks: readonly AttentionPeak[];
}

/** Names, shapes and types as they came in. */
export interface OptimizerOutput {
  readonly params: TensorMap;
  readonly state: TensorMap;
  /** Scalars worth logging (`optim/update_norm`, ...). */
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/** A pure update rule. */
export interface Optimizer {
  /** Base learning rate before the schedule, for display. */
  readonly learningRate: number;
  /** That of one tensor, where tensors differ in it; without it all have `learningRate`. */
  learningRateOf?(tensor: TensorDescription): number;
  /** State tensors, all starting at zero. */
  state(tensors: readonly TensorDescription[]): TensorSpecs;
  /** One update in tfjs, traced once: whatever JavaScript computes here is frozen. */
  update(input: OptimizerInput): OptimizerOutput;
}

export const OPTIMIZER = createToken<Optimizer>('optimizer', { state: 'function', update: 'function' });
/** Define an optimizer (or a preset of one). */
export const defineOptimizer = defineFor(OPTIMIZER);
