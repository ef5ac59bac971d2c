import type { RandomStream } from '../../core/contracts/merge.js';
import type { TensorDict } from '../../core/contracts/tensor.js';

/** Sum of products of all elements of two models of one shape, in float64. */
export function innerProduct(a: TensorDict, b: TensorDict): number {
  let total = 0;
  for (const [name, tensor] of Object.entries(a)) {
    const [x, y] = [tensor.data, b[name]!.data];
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
    total += sum;
  }
  return total;
}

/** Distances between models from their inner products; the matrix is symmetric. */
export interface Spread {
  /** Mean Euclidean distance over pairs. */
  readonly distance: number;
  /** Mean cosine distance over pairs. */
  readonly cosine: number;
}

/** @param products inner products of at least two models, rows */
export function spreadOf(products: readonly (readonly number[])[]): Spread {
  let [distance, cosine, pairs] = [0, 0, 0];
  for (let i = 0; i < products.length; i++) {
    for (let j = i + 1; j < products.length; j++) {
      const [a, b, ab] = [products[i]![i]!, products[j]![j]!, products[i]![j]!];
      distance += Math.sqrt(Math.max(0, a + b - 2 * ab));
      cosine += a > 0 && b > 0 ? Math.max(0, 1 - ab / Math.sqrt(a * b)) : 0;
      pairs += 1;
    }
  }
  return { distance: distance / pairs, cosine: cosine / pairs };
}

/** Weights drawn uniformly from all that are not negative and sum to one (Dirichlet(1)). */
export function uniformShares(count: number, random: RandomStream): number[] {
  const draws = Array.from({ length: count }, () => -Math.log(1 - random.uniform()));
  const total = draws.reduce((sum, draw) => sum + draw, 0);
  return draws.map((draw) => draw / total);
}
