import { assess, probeBaseline, type Probe } from '../../../nn/curriculum/index.js';
import { stream } from '../../../nn/random/index.js';

const probe = (difficulty: number, right: number, asked = 40): Probe => ({ difficulty, right, asked });

test('by hand: .9 at 20 and .6 at 40 cross .75 in the middle', () => {
  const found = assess([probe(1, 40), probe(20, 36), probe(40, 24), probe(100, 0)]);
  expect(found).toMatchObject({ verdict: 'found', threshold: 0.75 });
  expect(found.baseline).toBeCloseTo(30, 10);
});

test('exactly the threshold is enough', () => {
  expect(assess([probe(1, 40), probe(50, 30), probe(100, 0)]).baseline).toBeCloseTo(50, 10);
});

test('a rise is pooled, and the pool stands at its mean difficulty', () => {
  // .7 at 20 (40 asked) and .9 at 30 (120 asked) are .85 at 27.5; down to .65 at 47.5: .75 half way.
  const found = assess([probe(1, 40), probe(20, 28), probe(30, 108, 120), probe(47.5, 26), probe(100, 0)]);
  expect(found.curve.map(({ fitted }) => fitted)).toEqual(
    [1, 0.85, 0.85, 0.65, 0].map((value) => expect.closeTo(value, 10)),
  );
  expect(found.baseline).toBeCloseTo(37.5, 10);
});

test('probes of one difficulty are one, in any order, each with its interval', () => {
  const parts = [probe(100, 0), probe(50, 10, 20), probe(1, 40), probe(50, 20, 20)];
  const { curve, baseline } = assess(parts);
  expect(curve.map(({ difficulty, right, asked }) => [difficulty, right, asked])).toEqual([
    [1, 40, 40],
    [50, 30, 40],
    [100, 0, 40],
  ]);
  expect(baseline).toBe(50);
  // Wilson 1927 for 30 of 40: 0.598 to 0.858.
  expect(curve[1]!.accuracy).toMatchObject({
    value: 0.75,
    low: expect.closeTo(0.5981, 4),
    high: expect.closeTo(0.8581, 4),
  });
});

test.each([
  ['below_range', 1, [probe(1, 29), probe(100, 0)]],
  ['saturated', 100, [probe(1, 40), probe(100, 30)]],
] as const)('%s gives %p', (verdict, baseline, probes) => {
  expect(assess(probes)).toMatchObject({ verdict, baseline });
});

test('another threshold', () => {
  expect(assess([probe(1, 40), probe(100, 0)], 0.5).baseline).toBeCloseTo(50.5, 10);
});

test.each([[[]], [[probe(0, 1)]], [[probe(101, 1)]], [[probe(5, 41)]], [[probe(5, 0, 0)]], [[probe(5, -1)]]])(
  '%j is refused',
  (probes) => {
    expect(() => assess(probes)).toThrow(RangeError);
  },
);

const logistic = (middle: number, width: number) => (difficulty: number) =>
  1 / (1 + Math.exp((difficulty - middle) / width));

/** A student whose accuracy at each difficulty is known, and its baseline found by probing it. */
async function probed(accuracy: (difficulty: number) => number, seed: number) {
  const random = stream(seed, 'assessment-test');
  const asked: number[] = [];
  const found = await probeBaseline(async (difficulty, questions) => {
    asked.push(difficulty);
    return Array.from({ length: questions }, () => Number(random.uniform() < accuracy(difficulty))).reduce(
      (a, b) => a + b,
    );
  });
  return { ...found, asked };
}

describe.each([
  ['steep', logistic(40, 3), 40 - 3 * Math.log(3)],
  ['usual', logistic(60, 6), 60 - 6 * Math.log(3)],
  ['early', logistic(15, 4), 15 - 4 * Math.log(3)],
  ['late', logistic(95, 6), 95 - 6 * Math.log(3)],
  ['a step', (difficulty: number) => Number(difficulty <= 33), 33],
])('%s: probing', (_, accuracy, baseline) => {
  test('finds the baseline within 3', async () => {
    const errors: number[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const { verdict, baseline: found } = await probed(accuracy, seed);
      expect(verdict).toBe('found');
      errors.push(Math.abs(found - baseline));
    }
    errors.sort((a, b) => a - b);
    expect(errors[189]).toBeLessThan(3);
  });
});

test.each([
  ['saturated', 100, () => 1],
  ['below_range', 1, () => 0.1],
])('%s: the end is asked twice, then nothing more', async (verdict, baseline, accuracy) => {
  const { asked, ...found } = await probed(accuracy, 1);
  expect(found).toMatchObject({ verdict, baseline });
  expect(asked).toHaveLength(9);
  expect(asked[8]).toBe(baseline);
});

test('asks the grid first, at least 32 questions each, and stays within the range', async () => {
  const { asked, curve } = await probed(logistic(97, 1), 3);
  expect(asked.slice(0, 8)).toEqual([1, 15, 29, 43, 58, 72, 86, 100]);
  expect(Math.max(...asked)).toBe(100);
  for (const { asked: questions } of curve) expect(questions).toBeGreaterThanOrEqual(32);
});

test('a grid of one difficulty is refused', async () => {
  await expect(probeBaseline(async () => 0, { grid: 1 })).rejects.toThrow(RangeError);
});
