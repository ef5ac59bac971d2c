import { defineCompressor } from '../../core/contracts/compressor.js';
import { refuse } from '../../nn/packing/index.js';
import { INT8 } from '../../nn/quantization/index.js';
import { integerCompressor } from './shared/integers.js';

/** Eight bits per weight, codes -127 to 127, and a float32 scale per row of outputs. */
export const int8 = defineCompressor({
  name: 'int8',
  description: 'Eight bits per weight, one scale per row of outputs',
  create: () =>
    integerCompressor({
      ...{ name: 'int8', bits: 8, format: INT8 },
      maxRelativeError: 0.02,
      codeBytes: (count) => count,
      pack: (codes) => new Uint8Array(codes.buffer),
      unpack: (bytes) => {
        const codes = new Int8Array(bytes.slice().buffer);
        const broken = codes.indexOf(-128);
        if (broken >= 0) refuse('int8', `code ${broken} is -128`);
        return codes;
      },
    }),
});
