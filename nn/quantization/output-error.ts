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

/** NaN where both sums are 0. Models have tens of millions of weights, so the loops are plain. */
function ratio(
  { data, shape }: HostTensor,
  { data: other }: Pick<HostTensor, 'data'>,
  { inputPower, layout }: CompressionHints,
): number {
  const width = shape.at(-1) ?? 1;
  const powers = powersOf(inputPower, width, data.length / width, layout);
  let error = 0;
  let whole = 0;
  for (let first = 0, row = 0; first < data.length; first += width, row++)
    for (
      let column = 0, at = first, p = row * powers.byRow;
      column < width;
      column++, at++, p += powers.byColumn
    ) {
      const weight = data[at]!;
      const change = weight - other[at]!;
      const power = powers.values[p]!;
      error += power * change * change;
      whole += power * weight * weight;
    }
  return error / whole;
}

/** Powers of inputs, which are the rows of [in, out] and the columns of [out, in]; 1 where none were measured. */
function powersOf(
  inputPower: CompressionHints['inputPower'],
  width: number,
  rows: number,
  layout: CompressionHints['layout'],
): { readonly values: Float64Array; readonly byRow: number; readonly byColumn: number } {
  if (inputPower === undefined) return { values: Float64Array.of(1), byRow: 0, byColumn: 0 };
  const byColumn = layout === 'out-in';
  const values = new Float64Array(byColumn ? width : rows);
  for (let i = 0; i < values.length; i++) values[i] = inputPower[i]!;
  return byColumn ? { values, byRow: 0, byColumn: 1 } : { values, byRow: 1, byColumn: 0 };
}
