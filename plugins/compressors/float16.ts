import { defineCompressor } from '../../core/contracts/compressor.js';
import { halfBytes, halvesOf, refuse, requireBytes } from '../../nn/packing/index.js';
import { halfRounded, halfRoundedTensor } from '../../nn/quantization/index.js';
import { straightThrough } from '../../nn/layers/index.js';
import { requireFiniteWeights, sizeOf } from './shared/bytes.js';

/** Half floats: 11 significant bits from 6e-5 to 65504; beyond that weights are cut off, below it they lose bits. */
export const float16 = defineCompressor({
  name: 'float16',
  description: 'Half floats, two bytes per weight',
  create: () => ({
    maxRelativeError: 2 ** -11,
    compress: (tensor) => {
      requireFiniteWeights(tensor);
      const bytes = halfBytes(halfRounded(Float32Array.from(tensor.data)));
      return { shape: tensor.shape, bytes, header: {} };
    },
    decompress: ({ shape, bytes }) => {
      requireBytes('float16', bytes, 2 * sizeOf(shape));
      const data = halvesOf(bytes);
      if (!data.every(Number.isFinite)) refuse('float16', 'a weight is no number');
      return { shape, dtype: 'float32', data };
    },
    straightThrough: (weight) => straightThrough(weight, halfRoundedTensor),
    bytes: (shape) => 2 * sizeOf(shape),
  }),
});
