import * as tf from '@tensorflow/tfjs';
import { defineCompressor } from '../../core/contracts/compressor.js';
import { refuse, requireBytes } from '../../nn/packing/index.js';
import { floatBytes, floatsOf, requireFiniteWeights, sizeOf } from './shared/bytes.js';

/** Weights as they are, four bytes each: for what must not change at all. */
export const float32 = defineCompressor({
  name: 'float32',
  description: 'Weights as they are, four bytes each',
  create: () => ({
    maxRelativeError: 0,
    compress: (tensor) => {
      requireFiniteWeights(tensor);
      return { shape: tensor.shape, bytes: floatBytes(Float32Array.from(tensor.data)), header: {} };
    },
    decompress: ({ shape, bytes }) => {
      requireBytes('float32', bytes, 4 * sizeOf(shape));
      const data = floatsOf(bytes);
      if (!data.every(Number.isFinite)) refuse('float32', 'a weight is no number');
      return { shape, dtype: 'float32', data };
    },
    straightThrough: (weight) => tf.clone(weight),
    bytes: (shape) => 4 * sizeOf(shape),
  }),
});
