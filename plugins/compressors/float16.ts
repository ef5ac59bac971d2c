import { defineCompressor } from '../../core/contracts/compressor.js';
import { halvesOf, requireBytes } from '../../nn/packing/index.js';
import { halfRoundedTensor, roundedHalfBytes } from '../../nn/quantization/index.js';
import { straightThrough } from '../../nn/layers/index.js';
import { requireFiniteFloats, requireFiniteWeights, sizeOf } from './shared/bytes.js';

/** Half floats: 11 significant bits from 6e-5 to 65504; beyond that weights are cut off, below it they lose bits. */
export const float16 = defineCompressor({
  name: 'float16',
  description: 'Half floats, two bytes per weight',
  create: () => ({
    maxRelativeError: 2 ** -11,
    compress: (tensor) => {
      requireFiniteWeights(tensor);
      return { shape: tensor.shape, bytes: roundedHalfBytes(tensor.data), header: {} };
    },
    decompress: ({ shape, bytes }) => {
      requireBytes('float16', bytes, 2 * sizeOf(shape));
      return { shape, dtype: 'float32', data: requireFiniteFloats('float16', halvesOf(bytes)) };
    },
    straightThrough: (weight) => straightThrough(weight, halfRoundedTensor),
    bytes: (shape) => 2 * sizeOf(shape),
  }),
});
