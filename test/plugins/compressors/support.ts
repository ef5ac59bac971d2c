import { COMPRESSOR, type CompressionHints, type Compressor } from '../../../core/contracts/compressor.js';
import type { Plugin } from '../../../core/contracts/plugin.js';
import type { HostTensor } from '../../../core/contracts/tensor.js';
import { stream } from '../../../nn/random/index.js';
import { implementationOf } from '../../../testing/index.js';

export const LAYOUTS = ['in-out', 'out-in'] as const;

/** The compressor of a plugin. */
export function compressorOf(plugin: Plugin): Promise<Compressor> {
  return implementationOf(COMPRESSOR, plugin);
}

/** Seeded weights of one distribution. */
export function weights(
  shape: readonly number[],
  distribution: 'normal' | 'laplace' = 'normal',
  scale = 0.02,
): HostTensor {
  const random = stream(11, distribution, shape.join('x'));
  const draw = (): number => {
    if (distribution === 'normal') return random.normal();
    const share = random.uniform() - 0.5;
    return -Math.sign(share) * Math.log(1 - 2 * Math.abs(share));
  };
  const length = shape.reduce((product, side) => product * side, 1);
  return { shape, dtype: 'float32', data: Float32Array.from({ length }, () => scale * draw()) };
}

/** What comes back, through bytes and a JSON header. */
export function roundTrip(compressor: Compressor, tensor: HostTensor, hints?: CompressionHints): HostTensor {
  const { shape, bytes, header } = compressor.compress(tensor, hints);
  return compressor.decompress({
    shape,
    bytes: bytes.slice(),
    header: JSON.parse(JSON.stringify(header)) as typeof header,
  });
}

/** Sum of squared errors over sum of squares. */
export function relativeSquaredError(found: HostTensor, expected: HostTensor): number {
  let error = 0;
  let power = 0;
  expected.data.forEach((value, i) => {
    error += (value - found.data[i]!) ** 2;
    power += value ** 2;
  });
  return error / power;
}

/** Rows of outputs of a matrix, [out, in]. */
export function outIn({ shape, data }: HostTensor, layout: 'in-out' | 'out-in'): Float32Array {
  const [first = 0, second = 0] = shape;
  if (layout === 'out-in') return Float32Array.from(data);
  return Float32Array.from(
    { length: data.length },
    (_, i) => data[(i % first) * second + Math.floor(i / first)]!,
  );
}
