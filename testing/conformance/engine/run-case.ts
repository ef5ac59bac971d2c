import type * as tfjs from '@tensorflow/tfjs';
import type { ProgramFunction, ProgramSpec } from '../../../core/contracts/engine.js';
import type { Dtype, HostArray, HostTensor, TensorMap } from '../../../core/contracts/tensor.js';
import type { OperatorCase, Tfjs } from './operator-case.js';

/**
 * The program of a case: its results, and the gradients of a weighted sum of them. The weights differ from element
 * to element, so that a gradient in the wrong place shows.
 */
export function programOf(tf: Tfjs, one: OperatorCase): ProgramFunction {
  return (inputs) => {
    const outputs: TensorMap = {};
    asList(one.compute(tf, inputs)).forEach((tensor, i) => (outputs[`result ${i}`] = tensor));
    if (one.gradient.length === 0) return { outputs };
    const loss = (...values: tfjs.Tensor[]): tfjs.Scalar => {
      const varied = Object.fromEntries(one.gradient.map((name, i) => [name, values[i]!]));
      const results = asList(one.compute(tf, { ...inputs, ...varied })).filter(
        ({ dtype }) => dtype === 'float32',
      );
      return tf.addN(
        results.map((result) => tf.sum(tf.mul(result, weights(tf, result.shape)))),
      ) as tfjs.Scalar;
    };
    const gradients = tf.grads(loss)(one.gradient.map((name) => inputs[name]!));
    gradients.forEach((gradient, i) => (outputs[`gradient of ${one.gradient[i]}`] = gradient));
    return { outputs };
  };
}

export function specOf(one: OperatorCase): ProgramSpec {
  return {
    name: one.name,
    inputs: Object.fromEntries(
      Object.entries(one.inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
    ),
  };
}

export function inputsOf(one: OperatorCase): Record<string, HostArray> {
  return Object.fromEntries(Object.entries(one.inputs).map(([name, { data }]) => [name, data]));
}

/** What tfjs's own JavaScript backend makes of a case. */
export function reference(tf: Tfjs, one: OperatorCase): Record<string, HostTensor> {
  const results: Record<string, HostTensor> = {};
  const previous = tf.getBackend();
  void tf.setBackend('cpu');
  try {
    tf.tidy(() => {
      const inputs = Object.fromEntries(
        Object.entries(one.inputs).map(([name, { data, shape, dtype }]) => [
          name,
          tf.tensor(data, [...shape], dtype),
        ]),
      );
      const { outputs } = programOf(tf, one)(inputs, {}, noRandomness);
      for (const [name, tensor] of Object.entries(outputs)) results[name] = hostTensor(tensor);
    });
  } finally {
    if (previous) void tf.setBackend(previous);
  }
  return results;
}

const noRandomness = {
  bernoulli: unexpected,
  uniform: unexpected,
  normal: unexpected,
};

function unexpected(): never {
  throw new TypeError('Operator cases draw no random numbers.');
}

function hostTensor(tensor: tfjs.Tensor): HostTensor {
  const { shape } = tensor;
  const dtype = tensor.dtype as Dtype;
  const values = tensor.dataSync();
  if (dtype === 'float32') return { shape, dtype, data: Float32Array.from(values) };
  return { shape, dtype, data: dtype === 'int32' ? Int32Array.from(values) : Uint8Array.from(values) };
}

function weights(tf: Tfjs, shape: readonly number[]): tfjs.Tensor {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return tf.tensor(
    Float32Array.from({ length }, (_, i) => Math.cos(0.9 * i + 0.2) + 0.1),
    [...shape],
  );
}

function asList(result: tfjs.Tensor | readonly tfjs.Tensor[]): readonly tfjs.Tensor[] {
  return Array.isArray(result) ? (result as readonly tfjs.Tensor[]) : [result as tfjs.Tensor];
}
