import { createHash } from 'node:crypto';
import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { TensorDict } from '../../core/contracts/tensor.js';

/** Hash of names and shapes: equal for models that can be merged tensor by tensor. */
export function architectureHash(architecture: string, tensors: readonly TensorDescription[]): string {
  const shapes = tensors.map(({ name, shape }) => `${name}:${shape.join('x')}`);
  return createHash('sha256')
    .update([architecture, ...shapes].join('\n'))
    .digest('hex');
}

/** sha256 over names, shapes and bits of all tensors, in their order: equal weights have equal hashes. */
export function weightsHash(weights: TensorDict): string {
  const hash = createHash('sha256');
  for (const [name, { shape, data }] of Object.entries(weights)) {
    hash.update(`${name}:${shape.join('x')}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/** Whether there is no NaN and no infinity. */
export function allFinite(weights: TensorDict): boolean {
  return Object.values(weights).every(({ data }) => {
    // A sum is finite only when every addend is; the other way round it may overflow, so then look one by one.
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += data[i]!;
    return Number.isFinite(sum) || data.every((value) => Number.isFinite(value));
  });
}
