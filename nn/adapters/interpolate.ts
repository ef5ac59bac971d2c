import type { TensorDict } from '../../core/contracts/tensor.js';

/**
 * Weights on the straight line from one set to another: W0 + share (W1 - W0). The ends are exact. For low-rank adapters
 * it is the same as scaling their product.
 *
 * @param to tensors of the same names and shapes
 * @param share 0 gives `from`, 1 gives `to`
 */
export function interpolate(from: TensorDict, to: TensorDict, share: number): TensorDict {
  return Object.fromEntries(
    Object.entries(from).map(([name, tensor]) => {
      const end = to[name]!.data;
      const data = Float32Array.from(tensor.data, (value, i) => (1 - share) * value + share * end[i]!);
      return [name, { ...tensor, data }];
    }),
  );
}
