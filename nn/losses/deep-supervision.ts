/**
 * Weights of the K supervised steps: 0.5 + 0.5 (k-1)/(K-1), or 1 for one step, divided by their sum so that the
 * effective learning rate does not change with K.
 */
export function stepWeights(steps: number): number[] {
  const raw = Array.from({ length: steps }, (_, k) => (steps === 1 ? 1 : 0.5 + (0.5 * k) / (steps - 1)));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return raw.map((weight) => weight / total);
}
