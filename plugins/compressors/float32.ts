import * as tf from '@tensorflow/tfjs';
import { defineCompressor } from '../../core/contracts/compressor.js';
import { requireBytes } from '../../nn/packing/index.js';
import { floatBytes, floatsOf, requireFiniteFloats, requireFiniteWeights, sizeOf } from './shared/bytes.js';

/** Weights as they are, four bytes each: for what must not change at all. */
export const float32 = defineCompressor({
  name: 'float32',
  description: 'Weights as they are, four bytes each',
  create: () => ({
    maxRelativeError: 0,
    compress: (tensor) => {
      requireFiniteWeights(tensor);
      return { shape: tensor.shape, bytes: floatBytes(new Float32Array(tensor.data)), header: {} };
    },
    decompress: ({ shape, bytes }) => {
      requireBytes('float32', bytes, 4 * sizeOf(shape));
      return { shape, dtype: 'float32', data: requireFiniteFloats('float32', floatsOf(bytes)) };
    },
    straightThrough: (weight) => tf.clone(weight),
    bytes: (shape) => 4 * sizeOf(shape),
  }),
});
