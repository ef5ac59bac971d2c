import type { ArtifactRef } from '../../../core/contracts/model.js';
import type { StoreContext } from '../../../core/contracts/phase.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';

/** Largest finite float16. */
const FLOAT16_MAX = 65504;

/** Store Fisher information in half precision; the means that it was scaled by go into the header. */
export function storeFisher(ctx: Pick<StoreContext, 'store'>, fisher: TensorDict): Promise<ArtifactRef> {
  const { tensors, means } = normalizeFisher(fisher);
  return ctx.store.putTensors('fisher.safetensors', tensors, {
    dtype: 'F16',
    metadata: {
      content: 'diagonal Fisher information, each tensor scaled to mean 1',
      means: JSON.stringify(means),
    },
  });
}

/**
 * Squared gradients are far below float16's range: scale each tensor to mean 1 (which is what Fisher-weighted merging
 * uses) and keep the means beside. A tensor without any gradient stays zero.
 */
export function normalizeFisher(fisher: TensorDict): { tensors: TensorDict; means: Record<string, number> } {
  const tensors: TensorDict = {};
  const means: Record<string, number> = {};
  for (const [name, tensor] of Object.entries(fisher)) {
    let sum = 0;
    for (const value of tensor.data) sum += value;
    const mean = sum / tensor.data.length;
    const scale = mean > 0 ? 1 / mean : 0;
    means[name] = mean;
    tensors[name] = {
      ...tensor,
      data: Float32Array.from(tensor.data, (value) => Math.min(FLOAT16_MAX, value * scale)),
    };
  }
  return { tensors, means };
}
