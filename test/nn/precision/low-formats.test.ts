import * as fc from 'fast-check';
import { roundedTo } from '../../../nn/precision/index.js';
import { halfRounded } from '../../../nn/quantization/half-rounded.js';
import { describeOnEngines, floats } from '../../support/engines.js';

/** The nearest bfloat16, ties to even: the upper half of a float32 after adding what rounds it. */
function bfloat(value: number): number {
  const [view, bits] = [new Float32Array([value]), new Uint32Array(1)];
  bits[0] = new Uint32Array(view.buffer)[0]!;
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(bits.buffer)[0]!;
}

/** What is not cut off by a half float becomes infinite from half a step above the largest one. */
function half(value: number): number {
  return Math.abs(value) < 65520 ? halfRounded(Float32Array.of(value))[0]! : Math.sign(value) * Infinity;
}

const numbers = fc.tuple(
  fc.oneof(
    fc.constant(0),
    fc.double({ min: 1, max: 2, noNaN: true }),
    fc.double({ min: -2, max: -1, noNaN: true }),
  ),
  fc.integer({ min: -40, max: 40 }),
);
const float32 = numbers.map(([mantissa, exponent]) => Math.fround(mantissa * 2 ** exponent));

describeOnEngines('rounding to 16 bits', (compute) => {
  const round = async (values: readonly number[], format: 'bf16' | 'fp16'): Promise<number[]> => {
    const found = await compute({ x: floats(values) }, ({ x }) => ({ y: roundedTo(x!, format) }));
    return [...found['y']!.data];
  };

  test.each(['bf16', 'fp16'] as const)('%s to the bit', async (format) => {
    const reference = format === 'bf16' ? bfloat : half;
    await fc.assert(
      fc.asyncProperty(fc.array(float32, { minLength: 64, maxLength: 64 }), async (values) => {
        const [found, expected] = [await round(values, format), values.map(reference)];
        // 0 and -0 are one number.
        expect(found.map((value) => value + 0)).toEqual(expected.map((value) => value + 0));
      }),
      { numRuns: 20 },
    );
  });

  test('ties go to even, halves overflow and underflow, bfloats do not', async () => {
    const values = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, -1e6, 2 ** -24, 2 ** -25, 1.5 * 2 ** -25];
    expect(await round(values, 'fp16')).toEqual([
      1,
      1 + 2 ** -9,
      65504,
      Infinity,
      -Infinity,
      2 ** -24,
      0,
      2 ** -24,
    ]);
    expect(await round([1 + 2 ** -8, 1 + 3 * 2 ** -8, 2 ** 99, 2 ** -99], 'bf16')).toEqual([
      1,
      1 + 2 ** -6,
      2 ** 99,
      2 ** -99,
    ]);
  });

  test('what is not finite stays so', async () => {
    for (const format of ['bf16', 'fp16'] as const)
      for (const value of await round([NaN, Infinity, -Infinity], format))
        expect(Number.isFinite(value)).toBe(false);
  });
});
