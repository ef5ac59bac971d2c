import type { CompressionHints } from '../../core/contracts/compressor.js';
import type { HostTensor } from '../../core/contracts/tensor.js';

/**
 * How far the outputs of a matrix move when other weights stand for its own, relative to the power of the outputs:
 * tr(dW^T H dW) / tr(W^T H W) with the diagonal H of `inputPower`; without it, or where all of it is zero, of the weights
 * themselves. 0 for weights that are all zero and stay so.
 */
export function relativeOutputError(
  weights: HostTensor,
  stand: Pick<HostTensor, 'data'>,
  hints: CompressionHints = {},
): number {
  const byPower = hints.inputPower === undefined ? NaN : ratio(weights, stand, hints);
  const relative = Number.isNaN(byPower) ? ratio(weights, stand, {}) : byPower;
  return Number.isNaN(relative) ? 0 : relative;
}

/** NaN where both sums are 0. Models have tens of millions of weights, so the loop is plain. */
function ratio(
  { data, shape }: HostTensor,
  { data: other }: Pick<HostTensor, 'data'>,
  { inputPower, layout }: CompressionHints,
): number {
  const width = shape.at(-1) ?? 1;
  const byColumn = layout === 'out-in';
  let error = 0;
  let whole = 0;
  for (let first = 0, row = 0; first < data.length; first += width, row++) {
    const ofRow = inputPower === undefined || byColumn ? 1 : inputPower[row]!;
    for (let column = 0; column < width; column++) {
      const weight = data[first + column]!;
      const change = weight - other[first + column]!;
      const power = inputPower !== undefined && byColumn ? inputPower[column]! : ofRow;
      error += power * change * change;
      whole += power * weight * weight;
    }
  }
  return error / whole;
}
