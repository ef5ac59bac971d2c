import fc from 'fast-check';
import type { CompressionHints } from '../../../core/contracts/compressor.js';
import type { HostTensor } from '../../../core/contracts/tensor.js';
import {
  halfRounded,
  INT4,
  INT8,
  integers,
  integerValues,
  packMatrix,
  PUBLISHED,
  relativeOutputError,
  ternary,
  ternaryValues,
  unpackedMatrix,
  type IntegerFormat,
} from '../../../nn/quantization/index.js';

/*
 * Codes and scales again, weight by weight, from what they are defined as: the loops that models go through turn matrices
 * in squares and round by adding large numbers, and must give the same bits.
 */

const matrices = fc
  .record({ rows: fc.integer({ min: 0, max: 35 }), columns: fc.integer({ min: 0, max: 35 }) })
  .chain(({ rows, columns }) =>
    fc
      .float32Array({
        minLength: rows * columns,
        maxLength: rows * columns,
        noNaN: true,
        noDefaultInfinity: true,
      })
      .map((data): HostTensor => ({ shape: [rows, columns], dtype: 'float32', data })),
  );
const layouts = fc.constantFrom<CompressionHints>({ layout: 'in-out' }, { layout: 'out-in' }, {});

/** Where weight `i` of a row of outputs lies. */
function placesOf({ shape }: HostTensor, { layout = 'in-out' }: CompressionHints) {
  const [rows, columns] = shape as [number, number];
  return layout === 'out-in'
    ? { count: rows, length: columns, at: (row: number, i: number) => row * columns + i }
    : { count: columns, length: rows, at: (row: number, i: number) => i * columns + row };
}

function toEven(x: number): number {
  const below = Math.floor(x);
  const over = x - below;
  return over < 0.5 || (over === 0.5 && below % 2 === 0) ? below : below + 1;
}

/** Codes of integers by definition, as a list, and the scale of every weight. */
function plainIntegers(tensor: HostTensor, format: IntegerFormat, hints: CompressionHints) {
  const { count, length, at } = placesOf(tensor, hints);
  const size = format.block ?? length;
  const codes = new Int8Array(tensor.data.length);
  const values = new Float32Array(tensor.data.length);
  for (let row = 0; row < count; row++)
    for (let from = 0; from < length; from += size) {
      const places = Array.from({ length: Math.min(size, length - from) }, (_, i) => at(row, from + i));
      const weights = places.map((place) => tensor.data[place]!);
      const [lowest, highest] = [Math.min(0, ...weights), Math.max(0, ...weights)];
      const exact =
        format.least === -format.most
          ? Math.max(highest, -lowest) / format.most
          : (highest >= -lowest ? highest : lowest) / format.least;
      const single = Float32Array.of(exact);
      const scale = (format.scales === 'float16' ? halfRounded(single) : single)[0]!;
      for (const place of places) {
        const code = scale === 0 ? 0 : toEven(Math.fround(tensor.data[place]! / scale));
        codes[place] = Math.min(format.most, Math.max(format.least, code));
        values[place] = scale * codes[place]!;
      }
    }
  return { codes, values };
}

test.each([INT8, INT4])('integers of $least to $most are those of the definition, to the bit', (format) => {
  fc.assert(
    fc.property(matrices, layouts, (tensor, hints) => {
      const found = integers(tensor, format, hints);
      const plain = plainIntegers(tensor, format, hints);
      expect([...found.codes]).toEqual([...plain.codes]);
      const values = integerValues(found, format, hints).data;
      expect([...values].map(String)).toEqual([...plain.values].map(String));
    }),
    { numRuns: 40 },
  );
});

test('halves go to the even code, of both signs', () => {
  const data = Float32Array.of(127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5);
  const { codes, scales } = integers({ shape: [8, 1], dtype: 'float32', data }, INT8);
  expect([...codes]).toEqual([127, 0, 2, 2, 0, -2, -2, 126]);
  expect([...scales]).toEqual([1]);
});

test.each(['tensor', 'row'] as const)(
  'ternary codes with a scale per %s are those of the definition',
  (granularity) => {
    fc.assert(
      fc.property(
        matrices,
        layouts,
        fc.constantFrom('measure' as const, 'kept' as const),
        (tensor, hints, scale) => {
          const { codes, scales, shape } = ternary(tensor, { ...PUBLISHED, granularity, scale }, hints);
          const { count, length, at } = placesOf(tensor, hints);
          const all = Array.from(tensor.data.keys());
          const rows =
            granularity === 'tensor'
              ? [all]
              : Array.from({ length: count }, (_, row) => Array.from({ length }, (__, i) => at(row, i)));
          const values = ternaryValues({ shape, codes, scales }, hints).data;
          rows.forEach((places, row) => {
            const sizes = places.map((place) => Math.abs(tensor.data[place]!));
            const sum = (of: readonly number[]) => of.reduce((total, each) => total + each, 0);
            const measure = Math.fround(Math.max(1e-5, sum(sizes) / Math.max(1, sizes.length)));
            const kept = sizes.filter((size) => size > 0.5 * measure);
            const expected =
              scale === 'kept' && kept.length > 0 ? Math.max(1e-5, sum(kept) / kept.length) : measure;
            expect(scales[row]).toBe(Math.fround(expected));
            const signs = places.map((place, i) =>
              sizes[i]! > 0.5 * measure ? Math.sign(tensor.data[place]!) : 0,
            );
            expect(places.map((place) => codes[place])).toEqual(signs);
            expect(places.every((place, i) => values[place]! - scales[row]! * signs[i]! === 0)).toBe(true);
          });
        },
      ),
    );
  },
);

test('codes in the form of kernels stand for the same numbers, in rows of outputs', () => {
  fc.assert(
    fc.property(matrices, layouts, fc.constantFrom(4 as const, 8 as const), (tensor, hints, bits) => {
      const { codes, scales } = integers(tensor, INT4, hints);
      const { count, length, at } = placesOf(tensor, hints);
      const blocks = Math.ceil(length / 32);
      const scale = (row: number, k: number) => scales[row * blocks + Math.floor(k / 32)]!;
      const packed = packMatrix({ shape: tensor.shape, codes, scale }, { bits, block: 32 }, hints);
      const floats = unpackedMatrix(packed);
      expect(floats).toHaveLength(count * length);
      const differences = Array.from(floats, (value, i) => {
        const [row, k] = [Math.floor(i / length), i % length];
        return value - scale(row, k) * codes[at(row, k)]!;
      });
      expect(differences.every((difference) => difference === 0)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('the error of outputs is weighed by the power of the inputs, wherever they lie', () => {
  // W [in 2, out 3], one weight off by one per input: 4 * 1 + 9 * 1 of 4 * 14 + 9 * 14.
  const data = Float32Array.of(1, 2, 3, 1, 2, 3);
  const off = Float32Array.of(2, 2, 3, 1, 2, 4);
  const tensor = { shape: [2, 3], dtype: 'float32', data } as const;
  expect(relativeOutputError(tensor, { data: off }, { inputPower: [4, 9] })).toBe(13 / (13 * 14));
  expect(
    relativeOutputError(tensor, { data: Float32Array.of(2, 2, 3, 1, 2, 3) }, { inputPower: [4, 9] }),
  ).toBe(4 / (13 * 14));
  // The same weights as W [out 2, in 3]: 4 and 16 of 2 (4 + 4 * 9 + 9 * 16).
  const outIn = { layout: 'out-in', inputPower: [4, 9, 16] } as const;
  expect(relativeOutputError(tensor, { data: off }, outIn)).toBe(20 / (2 * (4 + 36 + 144)));
  expect(relativeOutputError(tensor, { data: off })).toBe(2 / 28);
});
