import { defineCompressor } from '../../core/contracts/compressor.js';
import { refuse } from '../../nn/packing/index.js';
import { INT4 } from '../../nn/quantization/index.js';
import { integerCompressor } from './shared/integers.js';

/** What codes are moved up by. */
const ZERO = 8;

/** Four bits per weight and a half float scale per 32 weights along the inputs of a row of outputs: 4.5 bits in all. */
export const int4 = defineCompressor({
  name: 'int4',
  description: 'Four bits per weight, one half float scale per 32 inputs',
  create: () =>
    integerCompressor({
      ...{ name: 'int4', bits: 4, format: INT4 },
      maxRelativeError: 0.15,
      codeBytes: (count) => Math.ceil(count / 2),
      pack: (codes) => {
        const bytes = new Uint8Array(Math.ceil(codes.length / 2));
        for (let i = 0; i < codes.length; i++) bytes[i >> 1]! |= (codes[i]! + ZERO) << (4 * (i & 1));
        return bytes;
      },
      unpack: (bytes, count) => {
        if (count % 2 === 1 && bytes[count >> 1]! >> 4 !== 0)
          refuse('int4', 'the padding at the end is not 0');
        const codes = new Int8Array(count);
        for (let i = 0; i < count; i++) codes[i] = ((bytes[i >> 1]! >> (4 * (i & 1))) & 15) - ZERO;
        return codes;
      },
    }),
});
