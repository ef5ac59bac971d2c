import fc from 'fast-check';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { packBlocks, Q8_0, TQ1_0, TQ2_0, unpackBlocks, type BlockLayout } from '../../../nn/packing/index.js';
import { stream } from '../../../nn/random/index.js';
import { readOracle } from '../../support/oracle-tensors.js';
import { oracles } from '../../support/oracles.js';

const folder = oracles('gguf');

folder.describe('blocks are those of the reference implementation, bit for bit', () => {
  let blocks: TensorDict;
  beforeAll(async () => {
    blocks = await readOracle(folder.path('blocks.safetensors'));
  });

  test.each([
    ['tq1_0', TQ1_0, 'ternary'],
    ['tq2_0', TQ2_0, 'ternary'],
    ['q8_0', Q8_0, 'floats'],
  ])('%s', (name, layout, source) => {
    const expected = Uint8Array.from(blocks[name]!.data);
    expect(packBlocks(layout, Float32Array.from(blocks[source]!.data))).toEqual(expected);
    expect(unpackBlocks(layout, expected)).toEqual(Float32Array.from(blocks[`${name}_dequantized`]!.data));
  });
});

/** 256 values: +-scale and 0 as `at` says. */
const values = (scale: number, at: (i: number) => number): Float32Array =>
  Float32Array.from({ length: 256 }, (_, i) => scale * at(i));

describe.each([TQ1_0, TQ2_0])('$name', (layout) => {
  test('has as many bytes as it says', () => {
    expect(packBlocks(layout, new Float32Array(512))).toHaveLength(2 * layout.bytes);
  });

  test('zeros are a block without scale', () => {
    const bytes = packBlocks(layout, new Float32Array(256));
    expect([...bytes.subarray(layout.scaleAt, layout.scaleAt + 2)]).toEqual([0, 0]);
    expect(unpackBlocks(layout, bytes).every((value) => value === 0)).toBe(true);
  });

  test('any ternary values with a half float scale come back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(2 ** -14, 0.25, 0.333251953125, 1, 60000),
        fc.int8Array({ min: -1, max: 1, minLength: 256, maxLength: 256 }),
        (scale, codes) => {
          const expected = values(scale, (i) => codes[i]!);
          const found = unpackBlocks(layout, packBlocks(layout, expected));
          expect(found.every((value, i) => value === expected[i])).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('a value in every place goes into a byte and bits of its own', () => {
    const base = packBlocks(
      layout,
      values(1, (i) => (i === 0 ? 1 : -1)),
    );
    const places = Array.from({ length: 255 }, (_, i) => {
      const bytes = packBlocks(
        layout,
        values(1, (k) => (k === 0 || k === i + 1 ? 1 : -1)),
      );
      const changed = [...bytes.keys()].filter((byte) => bytes[byte] !== base[byte]);
      expect(changed).toHaveLength(1);
      return `${changed[0]}:${bytes[changed[0]!]! - base[changed[0]!]!}`;
    });
    // Two values of one byte change it by different powers; the first word of byte 0 is rounded from another base.
    expect(new Set(places).size).toBeGreaterThan(250);
  });
});

describe('hand-computed blocks', () => {
  test('TQ2_0: value 32 in bits 2-3 of byte 0, value 128 in byte 32, scale last', () => {
    const bytes = packBlocks(
      TQ2_0,
      values(1, (i) => (i === 32 || i === 128 ? 1 : 0)),
    );
    // The code of 0 is 1: 0b01010101.
    expect([bytes[0], bytes[1], bytes[32], bytes[33]]).toEqual([0x59, 0x55, 0x56, 0x55]);
    expect([...bytes.subarray(64)]).toEqual([0x00, 0x3c]);
  });

  test('TQ1_0: value 0 is the first trit of byte 0, 160 of byte 32, 240 of byte 48', () => {
    const bytes = packBlocks(
      TQ1_0,
      values(-2, (i) => ([0, 160, 240].includes(i) ? -1 : 1)),
    );
    // c = 2 0 0 0 0 -> 162 -> 171; others are 0; a word of four has 0 as its fifth.
    expect([0, 1, 32, 33, 48, 49].map((i) => bytes[i])).toEqual([171, 0, 171, 0, 171, 0]);
    expect([...bytes.subarray(52)]).toEqual([0x00, 0x40]);
  });

  test('Q8_0: scale first, then signed bytes, halves away from zero', () => {
    const block = new Float32Array(32);
    block.set([127, -127, 0.5, -0.5, 1.5, 0.25]);
    expect([...packBlocks(Q8_0, block).subarray(0, 8)]).toEqual([0x00, 0x3c, 127, 129, 1, 255, 2, 0]);
  });
});

describe('what no writer writes is refused', () => {
  const valid = (layout: BlockLayout): Uint8Array =>
    packBlocks(
      layout,
      values(1, (i) => (i % 3) - 1),
    );
  const changed = (layout: BlockLayout, at: number, byte: number): Uint8Array => {
    const bytes = valid(layout);
    bytes[at] = byte;
    return bytes;
  };

  test.each([
    ['a code 3 of TQ2_0', TQ2_0, changed(TQ2_0, 5, 0b11010101), 'byte 5 of a block holds the code 3'],
    ['a byte of TQ1_0 that no word has', TQ1_0, changed(TQ1_0, 47, 20), 'byte 47 of a block is 20'],
    ['a fifth trit in a word of four', TQ1_0, changed(TQ1_0, 48, 2), 'byte 48 of a block is 2'],
    ['half a block', TQ1_0, valid(TQ1_0).subarray(1), '53 bytes are no whole number of blocks'],
    ['a scale that is infinite', TQ2_0, changed(TQ2_0, 65, 0x7c), 'the scale of block 0'],
    ['a scale that is not a number', Q8_0, changed(Q8_0, 1, 0x7e), 'the scale of block 0 is NaN'],
  ] as const)('%s', (_, layout, bytes, reason) => {
    expect(() => unpackBlocks(layout, bytes)).toThrow(
      expect.objectContaining({
        code: 'AF_COMPRESSED_FORMAT',
        message: expect.stringContaining(reason) as string,
      }),
    );
  });

  test('values that are no whole blocks are not packed', () => {
    expect(() => packBlocks(TQ1_0, new Float32Array(255))).toThrow(RangeError);
  });
});

test('Q8_0 is within half a step', () => {
  const random = stream(3, 'q8');
  const floats = Float32Array.from({ length: 320 }, () => random.normal());
  const back = unpackBlocks(Q8_0, packBlocks(Q8_0, floats));
  for (let block = 0; block < 10; block++) {
    const part = floats.subarray(32 * block, 32 * (block + 1));
    const step = Math.max(...part.map(Math.abs)) / 127;
    part.forEach((value, i) => {
      // The stored scale is a half float: 127 times its rounding, 2^-12 of it, comes on top.
      expect(Math.abs(back[32 * block + i]! - value)).toBeLessThanOrEqual(step * (0.5 + 127 * 2 ** -11));
    });
  }
});
