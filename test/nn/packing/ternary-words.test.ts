import fc from 'fast-check';
import {
  fixedPointByte,
  fixedPointTrit,
  packFixedPoint,
  packT2,
  packT5,
  t2RowBytes,
  unpackFixedPoint,
  unpackT2,
  unpackT5,
} from '../../../nn/packing/index.js';

const trits = (constraints: fc.IntArrayConstraints = {}) => fc.int8Array({ ...constraints, min: -1, max: 1 });

/** The five trits of word `v`, first one least significant. */
const digits = (v: number): number[] => [0, 1, 2, 3, 4].map((i) => (Math.floor(v / 3 ** i) % 3) - 1);

/** Code units that are refused as weights of a format. */
const refused = (reason: string) => ({
  code: 'AF_COMPRESSED_FORMAT',
  message: expect.stringContaining(reason) as string,
});

describe('T5', () => {
  test('hand-computed bytes: the first trit is the least significant', () => {
    // c = 2 0 1 1 1 -> 2 + 0 + 9 + 27 + 81
    expect([...packT5([1, -1, 0, 0, 0])]).toEqual([119]);
    expect([...packT5([-1, -1, -1, -1, -1, 1, 1, 1, 1, 1])]).toEqual([0, 242]);
    // One trit; the padding has the code 1: 2 + 3 + 9 + 27 + 81.
    expect([...packT5([1])]).toEqual([122]);
    expect(packT5([])).toHaveLength(0);
  });

  test('all 243 words, both ways', () => {
    for (let v = 0; v < 243; v++) {
      expect([...unpackT5(Uint8Array.of(v), 5)]).toEqual(digits(v));
      expect([...packT5(digits(v))]).toEqual([v]);
    }
  });

  test('bytes from 243 on are refused', () => {
    for (let v = 243; v < 256; v++)
      expect(() => unpackT5(Uint8Array.of(0, v), 10)).toThrow(
        expect.objectContaining(refused(`byte 1 is ${v}`)),
      );
  });

  test('so are too few bytes, too many, and padding that is not 0', () => {
    expect(() => unpackT5(new Uint8Array(1), 6)).toThrow(
      expect.objectContaining(refused('2 bytes are needed')),
    );
    expect(() => unpackT5(new Uint8Array(2), 5)).toThrow(expect.objectContaining(refused('there are 2')));
    expect(() => unpackT5(Uint8Array.of(0), 4)).toThrow(expect.objectContaining(refused('padding')));
  });

  test('what is no trit is not packed', () => {
    for (const value of [2, -2, 0.5, NaN]) expect(() => packT5([0, value])).toThrow(RangeError);
  });

  test('any trits come back', () => {
    fc.assert(
      fc.property(trits({ maxLength: 40 }), (codes) => {
        expect(unpackT5(packT5(codes), codes.length)).toEqual(codes);
      }),
    );
  });
});

describe('T2', () => {
  test('hand-computed rows: low bits first, padded with the code 1', () => {
    // c = 0 1 2 0 | 2 1 1 1: 0 + 1*4 + 2*16 + 0, 2 + 4 + 16 + 64
    expect([...packT2([-1, 0, 1, -1, 1], 5)]).toEqual([36, 86]);
    expect([...packT2([1, 1, -1, -1], 2)]).toEqual([90, 80]);
    expect([...packT2([1], 1, 4)]).toEqual([86, 85, 85, 85]);
  });

  test('rows are filled up to the alignment', () => {
    expect([t2RowBytes(1), t2RowBytes(4), t2RowBytes(5), t2RowBytes(257, 64)]).toEqual([1, 1, 2, 128]);
  });

  test('code 3 is refused wherever it stands', () => {
    for (let k = 0; k < 4; k++) {
      const bytes = Uint8Array.of(0b01010101, 0b01010101 | (3 << (2 * k)));
      expect(() => unpackT2(bytes, 1, 8)).toThrow(
        expect.objectContaining(refused('byte 1 holds the code 3')),
      );
    }
    expect(() => unpackT2(Uint8Array.of(0b11010101), 1, 3)).toThrow(
      expect.objectContaining(refused('code 3')),
    );
  });

  test('so are too few bytes, too many, and padding that is not 0', () => {
    expect(() => unpackT2(new Uint8Array(3), 2, 5)).toThrow(expect.objectContaining(refused('4 bytes')));
    expect(() => unpackT2(new Uint8Array(5), 2, 5)).toThrow(expect.objectContaining(refused('there are 5')));
    expect(() => unpackT2(Uint8Array.of(0b00010101), 1, 3)).toThrow(
      expect.objectContaining(refused('padding of row 0')),
    );
  });

  test('any rows come back', () => {
    const rows = fc
      .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 23 }), fc.constantFrom(1, 4, 64))
      .chain(([count, length, align]) =>
        fc.record({
          count: fc.constant(count),
          length: fc.constant(length),
          align: fc.constant(align),
          codes: trits({ minLength: count * length, maxLength: count * length }),
        }),
      );
    fc.assert(
      fc.property(rows, ({ count, length, align, codes }) => {
        expect(unpackT2(packT2(codes, length, align), count, length, align)).toEqual(codes);
      }),
    );
  });
});

describe('fixed-point words', () => {
  test('hand-computed: the first trit is the most significant', () => {
    // c = 2 0 0 0 0 -> v = 162, ceil(162 * 256 / 243) = ceil(170.67)
    expect([...packFixedPoint([1, -1, -1, -1, -1])]).toEqual([171]);
    expect([...packFixedPoint([-1, -1, -1, -1, -1])]).toEqual([0]);
    expect([...packFixedPoint([1, 1, 1, 1, 1])]).toEqual([255]);
  });

  test('all 243 words come back by product and shift', () => {
    for (let v = 0; v < 243; v++) {
      const expected = digits(v).reverse();
      const byte = fixedPointByte(v);
      expect([0, 1, 2, 3, 4].map((n) => fixedPointTrit(byte, n))).toEqual(expected);
      expect([...packFixedPoint(expected)]).toEqual([byte]);
      expect([...unpackFixedPoint(Uint8Array.of(byte), 5)]).toEqual(expected);
    }
  });

  test('the 13 bytes that no word has are refused', () => {
    const words = new Set(Array.from({ length: 243 }, (_, v) => fixedPointByte(v)));
    const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !words.has(byte));
    expect(others).toHaveLength(13);
    for (const byte of others)
      expect(() => unpackFixedPoint(Uint8Array.of(byte), 5)).toThrow(
        expect.objectContaining(refused(`byte 0 is ${byte}`)),
      );
  });

  test('so are too few bytes and padding that is not 0', () => {
    expect(() => unpackFixedPoint(new Uint8Array(1), 6)).toThrow(expect.objectContaining(refused('6 trits')));
    expect(() => unpackFixedPoint(Uint8Array.of(0), 4)).toThrow(expect.objectContaining(refused('padding')));
  });

  test('any trits come back', () => {
    fc.assert(
      fc.property(trits({ maxLength: 40 }), (codes) => {
        expect(unpackFixedPoint(packFixedPoint(codes), codes.length)).toEqual(codes);
      }),
    );
  });
});
