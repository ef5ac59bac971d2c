import type { TensorDict } from '../../../core/contracts/tensor.js';
import { relativeOutputError } from '../output-error.js';
import { hintsOf } from '../quantized.js';
import type { TensorChoice, WeightFormats } from './choices.js';

/** Error of a tensor in each of its formats, as its choice has them. */
export type FormatErrors = Readonly<Record<string, readonly number[]>>;

/** Mean square of the inputs of matrices, by name: what calibration gives. */
export type InputPowers = Readonly<Record<string, { readonly power: ArrayLike<number> }>>;

/**
 * The cheap sensitivity: how far the outputs of each matrix move in each format that it may have, relative to their power
 * ({@link relativeOutputError}). Needs no pass of the model.
 *
 * @param inputs of matrices without any, all weights count the same
 */
export function formatErrors(
  choices: readonly TensorChoice[],
  formats: WeightFormats,
  weights: TensorDict,
  inputs: InputPowers,
): FormatErrors {
  return Object.fromEntries(
    choices
      .filter(({ options }) => options.length > 1)
      .map(({ tensor, options }) => {
        const own = weights[tensor.name]!;
        const power = inputs[tensor.name]?.power;
        const hints = { ...hintsOf(tensor), ...(power === undefined ? {} : { inputPower: power }) };
        const errors = options.map(({ format }) => {
          const { compressor } = formats[format]!;
          return relativeOutputError(own, compressor.decompress(compressor.compress(own, hints)), hints);
        });
        return [tensor.name, errors];
      }),
  );
}
