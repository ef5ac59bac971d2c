import type { CompressionHints } from '../../core/contracts/compressor.js';
import type { HostTensor } from '../../core/contracts/tensor.js';
import { rowsOf } from './rows.js';
import { LEAST_SCALE, ternary, type TernaryOptions, type TernaryTensor } from './ternary.js';

/** What scales are fitted to. */
export interface ScaleFit extends CompressionHints {
  /** What shares a scale. */
  readonly granularity: 'tensor' | 'row';
}

/**
 * Scales that codes are best multiplied by, for the outputs of the matrix: alpha = (w H q^T) / (q H q^T), H the diagonal of
 * the Hessian of its inputs, minimises E|x (W - alpha Q)|^2 as far as inputs are uncorrelated. Without `inputPower`, or
 * where the inputs of all codes of a row are zero, every weight counts the same (Li et al. 2016: the mean of the kept |w|).
 *
 * @param weights that the codes stand for
 * @param codes one for each weight, as the tensor lies
 * @returns one scale for the tensor, or one for each row of outputs; at least {@link LEAST_SCALE}
 */
export function leastSquaresScales(
  weights: HostTensor,
  codes: ArrayLike<number>,
  fit: ScaleFit,
): Float32Array {
  const rows = rowsOf(weights.shape, fit.granularity, fit);
  const channelOf = inputChannels(weights.shape, fit);
  const { data } = weights;
  const fitted = (row: number, power: (at: number) => number): number => {
    let product = 0;
    let square = 0;
    for (let i = 0; i < rows.length; i++) {
      const at = rows.at(row, i);
      product += data[at]! * codes[at]! * power(at);
      square += codes[at]! ** 2 * power(at);
    }
    return product / square;
  };
  const { inputPower } = fit;
  return Float32Array.from({ length: rows.count }, (_, row) => {
    const byPower = inputPower === undefined ? NaN : fitted(row, (at) => inputPower[channelOf(at)]!);
    const scale = Number.isNaN(byPower) ? fitted(row, () => 1) : byPower;
    return Number.isNaN(scale) ? LEAST_SCALE : Math.max(LEAST_SCALE, scale);
  });
}

/** Ternary codes with the scales that fit the outputs best: what can be had without training. */
export function ternaryLeastSquares(
  tensor: HostTensor,
  options: TernaryOptions,
  hints: CompressionHints = {},
): TernaryTensor {
  const found = ternary(tensor, options, hints);
  const scales = leastSquaresScales(tensor, found.codes, { ...hints, granularity: options.granularity });
  return { ...found, scales };
}

/** Input channel of a weight by its place in the tensor. */
export function inputChannels(
  [first = 1, second = 1]: readonly number[],
  { layout = 'in-out' }: CompressionHints,
): (at: number) => number {
  return layout === 'out-in' ? (at) => at % second : (at) => Math.floor(at / second) % first;
}
