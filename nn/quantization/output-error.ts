import type { CompressionHints } from '../../core/contracts/compressor.js';
import type { HostTensor } from '../../core/contracts/tensor.js';
import { inputChannels } from './least-squares.js';

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
  const { inputPower } = hints;
  const channelOf = inputChannels(weights.shape, hints);
  const byPower = inputPower === undefined ? NaN : ratio(weights, stand, (at) => inputPower[channelOf(at)]!);
  const relative = Number.isNaN(byPower) ? ratio(weights, stand, () => 1) : byPower;
  return Number.isNaN(relative) ? 0 : relative;
}

/** NaN where both sums are 0. */
function ratio({ data }: HostTensor, stand: Pick<HostTensor, 'data'>, power: (at: number) => number): number {
  let error = 0;
  let whole = 0;
  for (let at = 0; at < data.length; at++) {
    error += power(at) * (data[at]! - stand.data[at]!) ** 2;
    whole += power(at) * data[at]! ** 2;
  }
  return error / whole;
}
