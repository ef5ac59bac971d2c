import fc from 'fast-check';
import {
  leastSquaresScales,
  PUBLISHED,
  relativeOutputError,
  ternary,
  ternaryLeastSquares,
  ternaryValues,
} from '../../../nn/quantization/index.js';
import { stream } from '../../../nn/random/index.js';
import { floats } from '../../support/engines.js';

const [IN, OUT] = [6, 4];

/** [in, out] of normal numbers, and the power of its inputs. */
function example(seed: number) {
  const numbers = stream(seed, 'scales');
  const weights = floats(
    Array.from({ length: IN * OUT }, () => numbers.normal()),
    [IN, OUT],
  );
  const inputPower = Array.from({ length: IN }, () => Math.exp(2 * numbers.normal()));
  return { weights, inputPower };
}

/** sum_i h_i (W_io - alpha q_io)^2 of the outputs that share a scale. */
function error(
  { weights, inputPower }: ReturnType<typeof example>,
  codes: ArrayLike<number>,
  alpha: number,
  outputs: readonly number[],
): number {
  let sum = 0;
  for (const o of outputs)
    for (let i = 0; i < IN; i++)
      sum += inputPower[i]! * (weights.data[i * OUT + o]! - alpha * codes[i * OUT + o]!) ** 2;
  return sum;
}

const ALL = Array.from({ length: OUT }, (_, o) => o);

test('by hand: (w H q) / (q H q)', () => {
  const weights = floats([1, -2, 0.5], [3, 1]);
  // (2*1*1 + 1*-2*-1) / (2 + 1) = 4/3; without power (1 + 2) / 2.
  const codes = [1, -1, 0];
  const fit = { granularity: 'row', inputPower: [2, 1, 7] } as const;
  expect(leastSquaresScales(weights, codes, fit)[0]).toBeCloseTo(4 / 3, 6);
  expect(leastSquaresScales(weights, codes, { granularity: 'row' })[0]).toBeCloseTo(1.5, 6);
});

test('no scale on a fine grid does better', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom('row', 'tensor'), (seed, granularity) => {
      const { weights, inputPower } = example(seed);
      const { codes } = ternary(weights, { ...PUBLISHED, granularity });
      const scales = leastSquaresScales(weights, codes, { granularity, inputPower });
      expect(scales).toHaveLength(granularity === 'row' ? OUT : 1);
      scales.forEach((scale, row) => {
        const outputs = granularity === 'row' ? [row] : ALL;
        if (
          !outputs.some((o) => Array.from({ length: IN }, (_, i) => codes[i * OUT + o]).some((q) => q !== 0))
        )
          return;
        const of = (alpha: number): number => error({ weights, inputPower }, codes, alpha, outputs);
        const best = Math.min(...Array.from({ length: 4001 }, (_, k) => of(k / 1000)));
        expect(of(scale)).toBeLessThanOrEqual(best * (1 + 1e-6));
      });
    }),
    { numRuns: 30 },
  );
});

test('a transposed matrix has the same scales', () => {
  const { weights, inputPower } = example(1);
  const transposed = floats(
    Array.from({ length: IN * OUT }, (_, at) => weights.data[(at % IN) * OUT + Math.floor(at / IN)]!),
    [OUT, IN],
  );
  const options = { ...PUBLISHED, granularity: 'row' } as const;
  const straight = ternaryLeastSquares(weights, options, { inputPower });
  const across = ternaryLeastSquares(transposed, options, { inputPower, layout: 'out-in' });
  across.scales.forEach((scale, row) => expect(scale).toBeCloseTo(straight.scales[row]!, 6));
  const stand = ternaryValues(straight);
  const error = relativeOutputError(weights, stand, { inputPower });
  const other = ternaryValues(across, { layout: 'out-in' });
  expect(relativeOutputError(transposed, other, { inputPower, layout: 'out-in' })).toBeCloseTo(error, 6);
});

test('fitted scales move outputs less than published ones, and without power they are the mean of what is kept', () => {
  const { weights, inputPower } = example(2);
  const options = { ...PUBLISHED, granularity: 'row' } as const;
  const error = (of: ReturnType<typeof ternary>): number =>
    relativeOutputError(weights, ternaryValues(of), { inputPower });
  expect(error(ternaryLeastSquares(weights, options, { inputPower }))).toBeLessThan(
    error(ternary(weights, options)),
  );
  const kept = ternary(weights, { ...options, scale: 'kept' });
  ternaryLeastSquares(weights, options).scales.forEach((scale, row) =>
    expect(scale).toBeCloseTo(kept.scales[row]!, 6),
  );
});

test('rows without a code or without input have a scale', () => {
  const weights = floats([0, 1, 0, -3], [2, 2]);
  const codes = [0, 1, 0, -1];
  const fit = { granularity: 'row' } as const;
  const scales = leastSquaresScales(weights, codes, { ...fit, inputPower: [0, 0] });
  expect(scales[0]).toBeCloseTo(1e-5, 9);
  expect(scales[1]).toBe(2);
  const wrong = leastSquaresScales(weights, [0, -1, 0, 1], fit);
  expect(wrong[1]).toBeCloseTo(1e-5, 9);
});

test('the error of outputs: by hand, of zeros, of what no input reaches', () => {
  const weights = floats([1, 2], [2, 1]);
  const stand = floats([1, 1], [2, 1]);
  // (3 * 1) / (2 * 1 + 3 * 4)
  expect(relativeOutputError(weights, stand, { inputPower: [2, 3] })).toBeCloseTo(3 / 14, 12);
  expect(relativeOutputError(weights, stand)).toBeCloseTo(1 / 5, 12);
  expect(relativeOutputError(weights, stand, { inputPower: [0, 0] })).toBeCloseTo(1 / 5, 12);
  expect(relativeOutputError(floats([0, 0], [2, 1]), floats([0, 0], [2, 1]))).toBe(0);
});
