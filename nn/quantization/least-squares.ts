import type { CompressionHints } from '../../core/contracts/compressor.js';
import type { HostTensor } from '../../core/contracts/tensor.js';
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
  { granularity, layout, inputPower }: ScaleFit,
): Float32Array {
  const one = granularity === 'tensor' || weights.shape.length !== 2;
  const plain = scalesOf(outputSums(weights, codes, layout), one);
  if (inputPower === undefined) return plain.map(usable);
  const byPower = scalesOf(outputSums(weights, codes, layout, inputPower), one);
  return byPower.map((scale, row) => usable(Number.isNaN(scale) ? plain[row]! : scale));
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

/** w H q and q H q of every output. */
interface OutputSums {
  readonly products: Float64Array;
  readonly squares: Float64Array;
}

function outputSums(
  { data, shape }: HostTensor,
  codes: ArrayLike<number>,
  layout: CompressionHints['layout'],
  inputPower?: ArrayLike<number>,
): OutputSums {
  const width = shape.at(-1) ?? 1;
  const byRow = layout === 'out-in';
  const count = byRow ? data.length / width : width;
  const [products, squares] = [new Float64Array(count), new Float64Array(count)];
  for (let first = 0, row = 0; first < data.length; first += width, row++)
    for (let column = 0; column < width; column++) {
      const code = codes[first + column]!;
      const [output, input] = byRow ? [row, column] : [column, row];
      const weighted = code * (inputPower?.[input] ?? 1);
      products[output]! += data[first + column]! * weighted;
      squares[output]! += code * weighted;
    }
  return { products, squares };
}

/** NaN where no code counts. @param one whether all outputs share a scale */
function scalesOf({ products, squares }: OutputSums, one: boolean): Float32Array {
  if (!one) return Float32Array.from(products, (product, row) => product / squares[row]!);
  const sum = (of: Float64Array): number => of.reduce((total, each) => total + each, 0);
  return Float32Array.of(sum(products) / sum(squares));
}

function usable(scale: number): number {
  return Number.isNaN(scale) ? LEAST_SCALE : Math.max(LEAST_SCALE, scale);
}
