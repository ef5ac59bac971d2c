import type * as tfjs from '@tensorflow/tfjs';
import type { Dtype, HostTensor, TensorMap } from '../../../core/contracts/tensor.js';

export type Tfjs = typeof tfjs;

/** One use of tfjs that every engine must compute as tfjs itself does. */
export interface OperatorCase {
  readonly name: string;
  readonly inputs: Readonly<Record<string, HostTensor>>;
  /** One or several tensors of the inputs. */
  compute(tf: Tfjs, inputs: TensorMap): tfjs.Tensor | readonly tfjs.Tensor[];
  /** Also compare the gradients with respect to these inputs. */
  readonly gradient: readonly string[];
  /** Relative to the larger of 1 and the expected number; default 1e-5. */
  readonly tolerance?: number;
}

interface CaseOptions {
  /** Inputs to differentiate by; default: every float32 input. `false`: tfjs has no gradient for this operator. */
  readonly gradient?: readonly string[] | false;
  readonly tolerance?: number;
}

/** Define a case. */
export function operator(
  name: string,
  inputs: Readonly<Record<string, HostTensor>>,
  compute: OperatorCase['compute'],
  { gradient, tolerance }: CaseOptions = {},
): OperatorCase {
  const floats = Object.keys(inputs).filter((input) => inputs[input]!.dtype === 'float32');
  return { name, inputs, compute, gradient: gradient === false ? [] : (gradient ?? floats), tolerance };
}

/** A function of one tensor `x`. */
export function unary(
  name: string,
  x: HostTensor,
  compute: (tf: Tfjs, x: tfjs.Tensor) => tfjs.Tensor | readonly tfjs.Tensor[],
  options?: CaseOptions,
): OperatorCase {
  return operator(name, { x }, (tf, inputs) => compute(tf, inputs['x']!), options);
}

/** A function of two tensors `a` and `b`. */
export function binary(
  name: string,
  a: HostTensor,
  b: HostTensor,
  compute: (tf: Tfjs, a: tfjs.Tensor, b: tfjs.Tensor) => tfjs.Tensor,
  options?: CaseOptions,
): OperatorCase {
  return operator(name, { a, b }, (tf, inputs) => compute(tf, inputs['a']!, inputs['b']!), options);
}

/** float32 numbers that look irregular and never repeat, in (offset - scale, offset + scale). */
export function floats(shape: readonly number[], scale = 1, offset = 0): HostTensor {
  const wave = (i: number): number => Math.sin(1.7 * i + 0.3 + 0.01 * i * i);
  return {
    shape,
    dtype: 'float32',
    data: Float32Array.from({ length: count(shape) }, (_, i) => wave(i) * scale + offset),
  };
}

/** float32 numbers written out. */
export function numbers(...values: number[]): HostTensor {
  return { shape: [values.length], dtype: 'float32', data: Float32Array.from(values) };
}

/** int32 numbers; a function of the index or a list that repeats. */
export function integers(shape: readonly number[], values: readonly number[]): HostTensor {
  return pattern('int32', shape, values);
}

/** Truth values from a list that repeats. */
export function truths(shape: readonly number[], values: readonly number[]): HostTensor {
  return pattern('bool', shape, values);
}

function pattern(dtype: Dtype, shape: readonly number[], values: readonly number[]): HostTensor {
  const at = (_: unknown, i: number): number => values[i % values.length]!;
  const length = count(shape);
  return {
    shape,
    dtype,
    data: dtype === 'bool' ? Uint8Array.from({ length }, at) : Int32Array.from({ length }, at),
  };
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
