import type { Initializer, TensorDescription } from '../../core/contracts/architecture.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { fillNormal, stream, streamKey } from '../random/index.js';

/**
 * Fresh weights. Every tensor draws from a stream of its own, named by the tensor, so adding or reordering tensors
 * changes no other tensor.
 */
export function initializeWeights(descriptions: readonly TensorDescription[], seed: number): TensorDict {
  const weights: TensorDict = {};
  for (const { name, shape, init } of descriptions) {
    const data = new Float32Array(elementCount(shape));
    fill(data, init, seed, name);
    weights[name] = { shape, dtype: 'float32', data };
  }
  return weights;
}

function fill(data: Float32Array, init: Initializer, seed: number, name: string): void {
  switch (init.kind) {
    case 'constant':
      data.fill(init.value);
      return;
    case 'normal':
      fillNormal(streamKey(seed, 'init', name), data);
      scale(data, init.std);
      return;
    case 'truncated-normal':
      fillTruncatedNormal(data, seed, name);
      scale(data, init.std);
      return;
  }
}

/** Standard normal numbers, drawn again until they lie within two standard deviations. */
function fillTruncatedNormal(data: Float32Array, seed: number, name: string): void {
  const random = stream(seed, 'init', name);
  for (let i = 0; i < data.length; i++) {
    let value = random.normal();
    while (Math.abs(value) > 2) value = random.normal();
    data[i] = value;
  }
}

function scale(data: Float32Array, factor: number): void {
  for (let i = 0; i < data.length; i++) data[i]! *= factor;
}

/** Product of the sides of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
