import fc from 'fast-check';
import type { HostTensor } from '../../../core/contracts/tensor.js';
import {
  int8Tokens,
  PUBLISHED,
  ternary,
  ternaryStraightThrough,
  ternaryValues,
  type TernaryOptions,
} from '../../../nn/quantization/index.js';
import { expectClose } from '../../support/close.js';
import { describeOnEngines } from '../../support/engines.js';

const tensor = (shape: readonly number[], data: readonly number[]): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});

/** Mean |w| = 1 exactly: two halves of it, two a bit above, and what makes up for them. */
const TIED = tensor(
  [8],
  [0.5, -0.5, 0.5 + 2 ** -23, -0.5 - 2 ** -23, 1.5, -1.5, 1.5 - 2 ** -23, -1.5 + 2 ** -23],
);
const ROUNDED = [0, 0, 1, -1, 1, -1, 1, -1];

test('a weight of exactly half the mean becomes 0, one above it does not', () => {
  const found = ternary(TIED, PUBLISHED);
  expect([...found.codes]).toEqual(ROUNDED);
  expect([...found.scales]).toEqual([1]);
});

describeOnEngines('ties in training', (compute) => {
  test('weights: half the mean becomes 0', async () => {
    const { y } = await compute({ w: TIED }, ({ w }) => ({ y: ternaryStraightThrough(w!, PUBLISHED) }));
    expectClose(y!, ROUNDED, 0);
  });

  test('inputs: to the even one of two', async () => {
    // The largest is 127, so that a step is 1.
    const x = tensor([1, 8], [127, -127, 0.5, -0.5, 1.5, -1.5, 2.5, 0.75]);
    const { y } = await compute({ x }, (tensors) => ({ y: int8Tokens(tensors['x']!) }));
    expectClose(y!, [127, -127, 0, 0, 2, -2, 2, 1], 0);
  });

  test('inputs: a token of zeros stays zero, and each token has a scale of its own', async () => {
    const x = tensor([3, 2], [0, 0, 1, 0.5, 1000, 1]);
    const { y } = await compute({ x }, (tensors) => ({ y: int8Tokens(tensors['x']!) }));
    // 63.5 becomes 64; 0.127 becomes 0.
    expectClose(y!, [0, 0, 1, 64 / 127, 1000, 0], 1e-4);
  });
});

describe('scales by hand', () => {
  const weights = tensor([1, 5], [1, -2, 3, -4, 10]);
  const scaleOf = (options: Partial<TernaryOptions>): number =>
    ternary(weights, { ...PUBLISHED, ...options }).scales[0]!;

  test('mean and median of |w|, and the mean of what is kept', () => {
    expect(scaleOf({})).toBe(4);
    expect(scaleOf({ measure: 'median' })).toBe(3);
    // From above 2: 3, 4 and 10. From above 1.5: 2 as well.
    expect(scaleOf({ scale: 'kept' })).toBeCloseTo(17 / 3, 6);
    expect(scaleOf({ measure: 'median', scale: 'kept' })).toBe(19 / 4);
  });

  test('the lower of two medians; at least 1e-5', () => {
    expect(ternary(tensor([4], [1, 2, 5, 9]), { ...PUBLISHED, measure: 'median' }).scales[0]).toBe(2);
    for (const measure of ['mean', 'median'] as const)
      for (const scale of ['measure', 'kept'] as const)
        expect(ternary(tensor([2], [0, 0]), { ...PUBLISHED, measure, scale }).scales[0]).toBe(
          Math.fround(1e-5),
        );
  });
});

const options = fc.record({
  granularity: fc.constantFrom('tensor' as const, 'row' as const),
  measure: fc.constantFrom('mean' as const, 'median' as const),
  threshold: fc.double({ min: 0, max: 2, noNaN: true }),
  scale: fc.constantFrom('measure' as const, 'kept' as const),
});
const weight = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0.01, max: 10, noNaN: true }),
  fc.double({ min: -10, max: -0.01, noNaN: true }),
  fc.constantFrom(1e3, -1e3),
);

/** The bound that the compressor declares, as far as the least scale does not matter. */
test('no weights come back worse than zeros would', () => {
  fc.assert(
    fc.property(options, fc.array(weight, { minLength: 6, maxLength: 6 }), (chosen, data) => {
      const given = tensor([2, 3], data);
      const found = ternaryValues(ternary(given, chosen));
      const error = data.reduce((sum, value, i) => sum + (value - found.data[i]!) ** 2, 0);
      const power = data.reduce((sum, value) => sum + value ** 2, 0);
      expect(error).toBeLessThanOrEqual(power * (1 + 1e-5) + 1e-8);
    }),
    { numRuns: 2000 },
  );
});
