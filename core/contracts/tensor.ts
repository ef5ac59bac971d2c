import type { Tensor } from '@tensorflow/tfjs';

/** Element types that every engine computes with. */
export type Dtype = 'float32' | 'int32' | 'bool';

/** Host memory of each dtype: float32 -> Float32Array, int32 -> Int32Array, bool -> Uint8Array of 0 and 1. */
export type HostArray = Float32Array | Int32Array | Uint8Array;

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
}
export type TensorSpecs = Readonly<Record<string, TensorSpec>>;

/** A tensor in host memory, row-major. */
export interface HostTensor extends TensorSpec {
  readonly data: HostArray;
}
/** Named host tensors: a model's weights, an optimizer's state. Insertion order is meaningful and kept. */
export type TensorDict = Record<string, HostTensor>;

/** Named symbolic or eager tfjs tensors, as functions given to an engine see them. */
export type TensorMap = Record<string, Tensor>;
