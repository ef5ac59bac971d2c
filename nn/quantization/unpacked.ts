import type { PackedMatrix } from '../../core/contracts/compressor.js';
import { codeOf } from './codes.js';

/** The floats that codes and scales stand for, [N, K] row-major. */
export function unpackedMatrix({ out, in: width, bits, block, codes, scales }: PackedMatrix): Float32Array {
  const blocks = Math.ceil(width / block);
  const zero = 1 << (bits - 1);
  const floats = new Float32Array(out * width);
  for (let row = 0; row < out; row++)
    for (let k = 0; k < width; k++) {
      const code = codeOf(codes, bits, row * blocks * block + k);
      floats[row * width + k] = (code - zero) * scales[row * blocks + Math.floor(k / block)]!;
    }
  return floats;
}
