import type { BlockLayout } from './gguf-blocks.js';
import { refuse } from './refuse.js';

/** Bytes of each of the two halves. */
const HALF = 32;

/**
 * GGUF TQ2_0: 256 ternary values in two bits each, and a half float scale d = max |x|: 2.0625 bits per weight. Byte m of a
 * half holds its values m, m + 32, m + 64 and m + 96 in bits 0-1, 2-3, 4-5 and 6-7, as t + 1.
 */
export const TQ2_0: BlockLayout = {
  name: 'TQ2_0',
  values: 256,
  bytes: 66,
  scaleAt: 64,
  step: (peak) => peak,
  write: (codes, block) => {
    for (let i = 0; i < 256; i++) block[byteOf(i)]! |= (codes[i]! + 1) << shiftOf(i);
  },
  read: (block, codes) => {
    for (let i = 0; i < 256; i++) {
      const code = (block[byteOf(i)]! >> shiftOf(i)) & 3;
      if (code === 3) refuse('TQ2_0', `byte ${byteOf(i)} of a block holds the code 3`);
      codes[i] = code - 1;
    }
  },
};

function byteOf(value: number): number {
  return HALF * Math.floor(value / 128) + (value % HALF);
}

function shiftOf(value: number): number {
  return 2 * Math.floor((value % 128) / HALF);
}
