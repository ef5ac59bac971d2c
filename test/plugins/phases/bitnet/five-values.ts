import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import { defineCompressor, type Compressor } from '../../../../core/contracts/compressor.js';

/** Codes from -2 to 2. */
const MOST = 2;
const BLOCK = 16;
/** Of four bits. */
const ZERO = 8;

/** A format of a user's own: five values per weight, a byte each, and one scale. It can be trained in. */
const fiveValuesCodec: Compressor = {
  maxRelativeError: 1,
  compress: ({ shape, data }, { layout = 'in-out' } = {}) => {
    let largest = 0;
    for (const value of data) largest = Math.max(largest, Math.abs(value));
    const scale = Math.fround(Math.max(1e-5, largest / MOST));
    const bytes = Uint8Array.from(data, (value) => Math.round(value / scale) + MOST);
    return { shape, bytes, header: { scale, layout } };
  },
  decompress: ({ shape, bytes, header }) => ({
    ...{ shape, dtype: 'float32' },
    data: Float32Array.from(bytes, (code) => (code - MOST) * Number(header['scale'])),
  }),
  straightThrough: <T extends Tensor>(weight: T): T =>
    tf.customGrad((latent) => {
      const scale = tf.maximum(tf.div(tf.max(tf.abs(latent as Tensor)), MOST), 1e-5);
      const value = tf.mul(tf.round(tf.div(latent as Tensor, scale)), scale);
      return { value, gradFunc: (dy: Tensor) => dy };
    })(weight) as T,
};

/** Runs from floats: it says nothing of codes. */
export const fiveValues = defineCompressor({ name: 'five-values', create: () => fiveValuesCodec });

/** The same for a kernel that multiplies with codes of four bits. */
export const fiveValuesPacked = defineCompressor({
  name: 'five-values-packed',
  create: (): Compressor => ({
    ...fiveValuesCodec,
    packed: ({ shape: [rows = 0, columns = 0], bytes, header }) => {
      const turned = header['layout'] === 'in-out';
      const [out, width] = turned ? [columns, rows] : [rows, columns];
      const blocks = Math.ceil(width / BLOCK);
      const codes = new Uint8Array((out * blocks * BLOCK) / 2).fill(ZERO | (ZERO << 4));
      for (let n = 0; n < out; n++)
        for (let k = 0; k < width; k++) {
          const code = bytes[turned ? k * columns + n : n * columns + k]! - MOST + ZERO;
          const at = n * blocks * BLOCK + k;
          const shift = 4 * (at % 2);
          codes[at >> 1] = (codes[at >> 1]! & ~(15 << shift)) | (code << shift);
        }
      const scales = new Float32Array(out * blocks).fill(Number(header['scale']));
      return { out, in: width, bits: 4, block: BLOCK, codes, scales };
    },
  }),
});
