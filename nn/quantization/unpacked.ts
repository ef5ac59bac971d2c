import type { PackedMatrix } from '../../core/contracts/compressor.js';

/** The floats that codes and scales stand for, [N, K] row-major. */
export function unpackedMatrix({ out, in: width, bits, block, codes, scales }: PackedMatrix): Float32Array {
  const blocks = Math.ceil(width / block);
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const zero = 1 << (bits - 1);
  const floats = new Float32Array(out * width);
  for (let row = 0; row < out; row++)
    for (let k = 0; k < width; k++) {
      const at = row * blocks * block + k;
      const code = (codes[Math.floor(at / perByte)]! >> (bits * (at % perByte))) & mask;
      floats[row * width + k] = (code - zero) * scales[row * blocks + Math.floor(k / block)]!;
    }
  return floats;
}
