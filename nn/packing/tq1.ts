import { fixedPointByte, fixedPointTrit, isFixedPoint } from './fixed-point.js';
import type { BlockLayout } from './gguf-blocks.js';
import { refuse } from './refuse.js';

/** Values that lie in the bytes from `byte` on: trit n of byte `byte + m` is value `value + m + count n`. */
interface Part {
  readonly byte: number;
  readonly value: number;
  readonly count: number;
  readonly trits: number;
}
const PARTS: readonly Part[] = [
  { byte: 0, value: 0, count: 32, trits: 5 },
  { byte: 32, value: 160, count: 16, trits: 5 },
  { byte: 48, value: 240, count: 4, trits: 4 },
];

/**
 * GGUF TQ1_0: 256 ternary values in 48 bytes of five trits, 4 of four (the last digit 0), and a half float scale d =
 * max |x|: 1.6875 bits per weight. Bytes are fixed-point words.
 */
export const TQ1_0: BlockLayout = {
  name: 'TQ1_0',
  values: 256,
  bytes: 54,
  scaleAt: 52,
  step: (peak) => peak,
  write: (codes, block) => {
    for (const { byte, value, count, trits } of PARTS)
      for (let m = 0; m < count; m++) {
        let word = 0;
        for (let n = 0; n < 5; n++) word = 3 * word + (n < trits ? codes[value + m + count * n]! + 1 : 0);
        block[byte + m] = fixedPointByte(word);
      }
  },
  read: (block, codes) => {
    for (const { byte, value, count, trits } of PARTS)
      for (let m = 0; m < count; m++) {
        const word = block[byte + m]!;
        if (!isFixedPoint(word) || (trits === 4 && fixedPointTrit(word, 4) !== -1))
          refuse('TQ1_0', `byte ${byte + m} of a block is ${word}, which no word has`);
        for (let n = 0; n < trits; n++) codes[value + m + count * n] = fixedPointTrit(word, n);
      }
  },
};
