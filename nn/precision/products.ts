import * as tf from '@tensorflow/tfjs';
import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs';
import { straightThrough } from '../layers/stop-gradient.js';
import { roundedTo, type LowFormat } from './low-formats.js';

/** Kernels of matrix products. */
const PRODUCTS: ReadonlySet<string> = new Set(['BatchMatMul', '_FusedMatMul']);

type RunKernel = ReturnType<typeof tf.engine>['runKernel'];

/**
 * Run synchronous work whose matrix products take their inputs in a low format, as mixed precision on hardware does
 * (Micikevicius et al. 2018), and sum in float32. Inputs are rounded with the identity as gradient; the products of a
 * gradient are products too, so what flows back is rounded on its way into each of them. Everything else is float32.
 *
 * It is an emulation: numbers as hardware would have them, at a cost. Forward passes are written with plain tfjs, and so
 * is whatever a plugin brings; the one place they all pass is tfjs's engine, which rounds while the work runs.
 */
export function inLowPrecision<T>(format: LowFormat, work: () => T): T {
  const engine = tf.engine();
  const plain = engine.runKernel.bind(engine) as RunKernel;
  const rounded = (x: Tensor): Tensor => straightThrough(x, (value) => roundedTo(value, format));
  const runKernel = (name: string, inputs: NamedTensorMap, attributes?: NamedAttrMap): Tensor | Tensor[] =>
    PRODUCTS.has(name)
      ? plain(name, { ...inputs, a: rounded(inputs['a']!), b: rounded(inputs['b']!) }, attributes)
      : plain(name, inputs, attributes);
  return withRunKernel({ value: runKernel, configurable: true, writable: true }, work);
}

/**
 * Within {@link inLowPrecision}: products that are no product of a model. Norms, losses and exact codes are computed with
 * float32. Outside of it this is the work itself.
 */
export function inFullPrecision<T>(work: () => T): T {
  return withRunKernel(undefined, work);
}

/** @param own what the engine has instead of its class's method; undefined: the method */
function withRunKernel<T>(own: PropertyDescriptor | undefined, work: () => T): T {
  const engine = tf.engine();
  const before = Object.getOwnPropertyDescriptor(engine, 'runKernel');
  set(engine, own);
  try {
    return work();
  } finally {
    set(engine, before);
  }
}

function set(engine: object, own: PropertyDescriptor | undefined): void {
  if (own === undefined) Reflect.deleteProperty(engine, 'runKernel');
  else Object.defineProperty(engine, 'runKernel', own);
}
