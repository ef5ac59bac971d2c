import type { BlockLayout } from './gguf-blocks.js';

/** GGUF Q8_0: a half float scale max |x| / 127, then 32 signed bytes: 8.5 bits per weight. */
export const Q8_0: BlockLayout = {
  name: 'Q8_0',
  values: 32,
  bytes: 34,
  scaleAt: 0,
  step: (peak) => peak / 127,
  write: (codes, block) => {
    for (let i = 0; i < 32; i++) block[2 + i] = codes[i]!;
  },
  read: (block, codes) => {
    for (let i = 0; i < 32; i++) codes[i] = (block[2 + i]! << 24) >> 24;
  },
};
