import type * as tf from '@tensorflow/tfjs';
import type { HostTensor, TensorDict, TensorMap } from '../core/contracts/tensor.js';

export type Tfjs = typeof tf;

/** tfjs on its portable backend: slow, exact enough to be the reference. Loaded on first use. */
export async function cpuTfjs(): Promise<Tfjs> {
  const lib = await import('@tensorflow/tfjs');
  // Mutes tfjs: otherwise the first use of the backend prints an advertisement.
  lib.env().set('PROD', true);
  await lib.setBackend('cpu');
  await lib.ready();
  return lib;
}

/** Copies in tfjs; the caller (or a surrounding tidy) disposes them. */
export function toTfjs(lib: Tfjs, tensors: TensorDict): TensorMap {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data, shape, dtype }]) => [
      name,
      lib.tensor(data, [...shape], dtype),
    ]),
  );
}

/** Copies in host memory; disposes the tfjs tensors. */
export async function toHost(tensors: TensorMap): Promise<TensorDict> {
  const host: TensorDict = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const data = await tensor.data();
    host[name] = { shape: [...tensor.shape], dtype: tensor.dtype as HostTensor['dtype'], data: data.slice() };
    tensor.dispose();
  }
  return host;
}
