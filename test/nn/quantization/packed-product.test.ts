import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { PackedMatrix } from '../../../core/contracts/compressor.js';
import { packedProduct, packedRows, unpackedMatrix, withBits } from '../../../nn/quantization/index.js';
import { stream } from '../../../nn/random/index.js';
import { describeOnEngines, floats, integers } from '../../support/engines.js';
import { randomPacked } from '../../support/packing.js';

const SHAPES = [
  { in: 128, out: 24, block: 32 },
  { in: 192, out: 33, block: 64 },
  { in: 100, out: 17, block: 16 },
  { in: 300, out: 16, block: 128 },
  { in: 31, out: 5, block: 32 },
];
const BITS = [2, 4, 8] as const;
const cases = BITS.flatMap((bits) =>
  SHAPES.flatMap((shape) => [1, 8].map((rows) => ({ bits, rows, ...shape }))),
);

/** x [rows, K] with tokens of different sizes, and x W^T in double precision. */
function expected(packed: PackedMatrix, rows: number): { x: Float32Array; product: number[] } {
  const numbers = stream(7, 'inputs');
  const x = Float32Array.from({ length: rows * packed.in }, (_, i) => numbers.normal() * (1 + (i % 3)));
  const weights = unpackedMatrix(packed);
  const product = Array.from({ length: rows * packed.out }, (_, i) => {
    const [row, n] = [Math.floor(i / packed.out), i % packed.out];
    let sum = 0;
    for (let k = 0; k < packed.in; k++) sum += x[row * packed.in + k]! * weights[n * packed.in + k]!;
    return sum;
  });
  return { x, product };
}

/**
 * What rounding x to 8 bits in blocks can change: each input by half a step of its block, max |x| / 127, times the sizes
 * of the weights.
 */
function roundingBounds(packed: PackedMatrix, x: Float32Array, rows: number): number[] {
  const weights = unpackedMatrix(packed);
  return Array.from({ length: rows * packed.out }, (_, i) => {
    const [row, n] = [Math.floor(i / packed.out), i % packed.out];
    let bound = 0;
    for (let first = 0; first < packed.in; first += packed.block) {
      const last = Math.min(packed.in, first + packed.block);
      let [peak, size] = [0, 0];
      for (let k = first; k < last; k++) {
        peak = Math.max(peak, Math.abs(x[row * packed.in + k]!));
        size += Math.abs(weights[n * packed.in + k]!);
      }
      bound += (peak / 127 / 2) * size;
    }
    return bound;
  });
}

describeOnEngines('products of codes', (compute) => {
  test.each(cases)(
    '$rows x $in times $in x $out in $bits bits, blocks of $block: within the rounding of the inputs',
    async ({ rows, ...shape }) => {
      const packed = randomPacked(shape);
      const { x, product } = expected(packed, rows);
      const { y } = await compute({ x: floats(x, [rows, shape.in]) }, (inputs) => ({
        y: packedProduct(inputs['x'] as Tensor2D, packed),
      }));
      expect(y!.shape).toEqual([rows, shape.out]);
      const bounds = roundingBounds(packed, x, rows);
      product.forEach((value, i) =>
        expect(Math.abs(y!.data[i]! - value)).toBeLessThan(1.001 * bounds[i]! + 1e-4),
      );
    },
  );

  test('sums of whole numbers below 2^24 are exact', async () => {
    const packed = randomPacked({ in: 512, out: 40, bits: 2, block: 128 }, 3, () => 1);
    const numbers = stream(3, 'whole');
    // Every block holds a 127: the step of its rounding is 1.
    const x = Float32Array.from({ length: 512 }, (_, k) =>
      k % 128 === 5 ? 127 : numbers.integer(255) - 127,
    );
    const { y } = await compute({ x: floats(x, [1, 512]) }, (inputs) => ({
      y: packedProduct(inputs['x'] as Tensor2D, packed),
    }));
    const weights = unpackedMatrix(packed);
    const sums = Array.from({ length: 40 }, (_, n) =>
      x.reduce((sum, value, k) => sum + value * weights[n * 512 + k]!, 0),
    );
    expect(Array.from(y!.data)).toEqual(sums);
  });

  test.each(cases.filter(({ rows }) => rows === 8))(
    'rows of $out x $in in $bits bits, blocks of $block, are what their codes stand for',
    async ({ rows: _, ...shape }) => {
      const packed = randomPacked(shape);
      const ids = [shape.out - 1, 0, 2, 0];
      const { y } = await compute({ ids: integers(ids) }, (inputs) => ({
        y: packedRows(inputs['ids'] as Tensor1D, packed),
      }));
      const weights = unpackedMatrix(packed);
      expect(y!.shape).toEqual([4, shape.in]);
      const wanted = ids.flatMap((id) => [...weights.subarray(id * shape.in, (id + 1) * shape.in)]);
      expect(Array.from(y!.data)).toEqual(wanted);
    },
  );

  test('2 bits as 4 and as 8 are the same weights', async () => {
    const packed = randomPacked({ in: 100, out: 6, bits: 2, block: 32 });
    for (const bits of [4, 8] as const) {
      const wide = withBits(packed, bits);
      expect(wide.codes.length).toBe((packed.codes.length * bits) / 2);
      expect(unpackedMatrix(wide)).toEqual(unpackedMatrix(packed));
      expect(withBits(packed, bits)).toBe(wide);
    }
    expect(withBits(packed, 2)).toBe(packed);
  });
});

describeOnEngines('products of codes with floats', (compute) => {
  test.each(cases)(
    '$rows x $in times $in x $out in $bits bits, blocks of $block',
    async ({ rows, ...shape }) => {
      const packed = randomPacked(shape);
      const { x, product } = expected(packed, rows);
      const { y } = await compute({ x: floats(x, [rows, shape.in]) }, (inputs) => ({
        y: packedProduct(inputs['x'] as Tensor2D, packed, { exact: true }),
      }));
      const size = Math.max(...product.map(Math.abs));
      product.forEach((value, i) => expect(Math.abs(y!.data[i]! - value)).toBeLessThan(1e-5 * size));
    },
  );
});
