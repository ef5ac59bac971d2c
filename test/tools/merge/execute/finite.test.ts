import fc from 'fast-check';
import { firstBeyond, firstNonFinite } from '../../../../tools/merge/execute/finite.js';

const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 1000];

test.each(lengths)('%i finite numbers', (length) => {
  expect(firstNonFinite(new Float32Array(length).fill(-3.4e38))).toBe(-1);
});

test('the first one is found wherever it is, also where infinities cancel', () => {
  const odd = fc.constantFrom(NaN, Infinity, -Infinity);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.tuple(fc.nat(39), odd), { minLength: 1 }),
      (length, odds) => {
        const values = new Float32Array(length).fill(1);
        for (const [place, value] of odds) values[place % length] = value;
        expect(firstNonFinite(values)).toBe([...values].findIndex((value) => !Number.isFinite(value)));
      },
    ),
  );
});

test('the first magnitude at a limit', () => {
  expect(firstBeyond(Float32Array.of(1, -65519, 65520, NaN), 65520)).toBe(2);
  expect(firstBeyond(Float32Array.of(NaN), 1)).toBe(0);
  expect(firstBeyond(Float32Array.of(0.5, -0.5), 1)).toBe(-1);
});
