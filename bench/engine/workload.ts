import type * as tfjs from '@tensorflow/tfjs';
import type { ProgramFunction, ProgramSpec, RandomKey } from '../../core/contracts/engine.js';
import type { HostArray, TensorDict } from '../../core/contracts/tensor.js';

/** One training step to be timed: a function, where its state starts, and what it is fed. */
export interface Workload {
  readonly title: string;
  readonly parameters: number;
  readonly tokensPerStep: number;
  readonly fn: ProgramFunction;
  readonly spec: ProgramSpec;
  readonly start: TensorDict;
  inputs(step: number): Record<string, HostArray>;
  readonly random?: (step: number) => RandomKey;
}

export type Tfjs = typeof tfjs;

/** Ids that repeat with a pattern, so that the loss is that of a model that learns. */
export function patternedIds(length: number, vocabulary: number, offset = 0): Int32Array {
  return Int32Array.from(
    { length },
    (_, i) => ((i + offset) * (i + offset) * 7 + 3 * (i + offset)) % vocabulary,
  );
}

export function countParameters(tensors: TensorDict): number {
  return Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
}
