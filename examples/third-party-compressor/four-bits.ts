import { defineCompressor } from 'agentforge';

/** Weights that share a scale. */
const BLOCK = 32;
/** Codes go from -7 to 7: 0 stays 0. */
const LEVELS = 7;

/** Four bits per weight and a float32 scale per 32 weights: five bits in all. */
export const fourBits = defineCompressor({
  name: 'four-bits',
  description: 'Four bits per weight, one scale per 32',
  create: () => ({
    maxRelativeError: 0.15,
    compress: ({ shape, data }) => {
      const blocks = Math.ceil(data.length / BLOCK);
      const scales = Float32Array.from({ length: blocks }, (_, block) => scaleOf(data, block));
      const packed = new Uint8Array(Math.ceil(data.length / 2));
      data.forEach((value, i) => {
        const scale = scales[Math.floor(i / BLOCK)]!;
        const code = scale === 0 ? LEVELS : Math.round(value / scale) + LEVELS;
        packed[i >> 1]! |= code << (4 * (i & 1));
      });
      const bytes = new Uint8Array(scales.byteLength + packed.length);
      bytes.set(new Uint8Array(scales.buffer));
      bytes.set(packed, scales.byteLength);
      return { shape, bytes, header: { blocks } };
    },
    decompress: ({ shape, bytes, header }) => {
      const blocks = Number(header['blocks']);
      const scales = new Float32Array(bytes.slice(0, 4 * blocks).buffer);
      const length = shape.reduce((product, side) => product * side, 1);
      const data = Float32Array.from({ length }, (_, i) => {
        const code = (bytes[4 * blocks + (i >> 1)]! >> (4 * (i & 1))) & 15;
        return (code - LEVELS) * scales[Math.floor(i / BLOCK)]!;
      });
      return { shape, dtype: 'float32', data };
    },
  }),
});

function scaleOf(data: ArrayLike<number>, block: number): number {
  let largest = 0;
  for (let i = block * BLOCK; i < Math.min(data.length, (block + 1) * BLOCK); i++)
    largest = Math.max(largest, Math.abs(data[i]!));
  return largest / LEVELS;
}

export default fourBits;
