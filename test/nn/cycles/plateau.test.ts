import fc from 'fast-check';
import { plateauOf, type CycleScore } from '../../../nn/cycles/index.js';

const scores = (values: readonly number[], error = 0): CycleScore[] =>
  values.map((value) => ({ value, error }));
/** What is found after every score of a series. */
const reached = (all: readonly CycleScore[], settings = {}): boolean[] =>
  all.map((_, i) => plateauOf(all.slice(0, i + 1), settings).reached);

describe('a plateau', () => {
  test('of a flat series is found at every score once there are more than the window holds', () => {
    // Divided by the whole window while only part of it is filled, a flat series gives F, T, T, F, F, T, T, T.
    const flat = [false, false, false, true, true, true, true, true];
    expect(reached(scores(Array<number>(8).fill(0.4)))).toEqual(flat);
    expect(reached(scores(Array<number>(8).fill(0.4)), { leastGain: 0 })).toEqual(flat);
    expect(reached(scores([0.4, 0.4, 0.4]), { window: 1 })).toEqual([false, true, true]);
  });

  test('by hand: .53 after .5 is a gain of .03 for as long as it is among the last three', () => {
    const series = scores([0.5, 0.53, 0.52, 0.53, 0.53]);
    expect(reached(series)).toEqual([false, false, false, false, true]);
    expect(plateauOf(series.slice(0, 3))).toEqual({ armed: false, gain: null, needed: null, reached: false });
    const { gain, ...rest } = plateauOf(series.slice(0, 4));
    expect(gain).toBeCloseTo(0.03, 12);
    expect(rest).toEqual({ armed: true, needed: 0.01, reached: false });
    expect(plateauOf(series)).toEqual({ armed: true, gain: 0, needed: 0.01, reached: true });
  });

  test('a gain takes it back', () => {
    const series = scores([0.4, 0.4, 0.4, 0.4, 0.45, 0.45, 0.45, 0.45]);
    expect(reached(series)).toEqual([false, false, false, true, false, false, false, true]);
  });

  test('small steps add up over the window', () => {
    // .006 a step is below .01, three of them are not.
    expect(reached(scores([0, 0.006, 0.012, 0.018, 0.024]))).not.toContain(true);
    expect(reached(scores([0, 0.006, 0.012]), { window: 1 })).toEqual([false, true, true]);
  });

  test('a gain of just what is needed is one, whatever its rounding', () => {
    expect(0.57 - 0.56).toBeLessThan(0.01);
    expect(plateauOf(scores([0.56, 0.57]), { window: 1, leastGain: 0.01 }).reached).toBe(false);
    expect(plateauOf(scores([0.56, 0.5699]), { window: 1, leastGain: 0.01 }).reached).toBe(true);
  });

  test('by hand: of 100 items half of which are right, a gain of .04 is below one standard error', () => {
    // sqrt(.5 * .5 / 100) = .05: half a point more or less cannot be measured.
    const half = Math.sqrt(0.25 / 100);
    const series = (error: number): CycleScore[] => [...scores([0.5]), { value: 0.54, error }];
    const settings = { window: 1, leastGain: 0.005 };
    expect(plateauOf(series(half), settings)).toMatchObject({ needed: 0.05, reached: true });
    expect(plateauOf(series(0.03), settings)).toMatchObject({ needed: 0.03, reached: false });
    expect(plateauOf(series(0.001), settings)).toMatchObject({ needed: 0.005, reached: false });
  });

  test('the largest error of the window counts, none of those before it', () => {
    const series = [
      { value: 0.5, error: 0.3 },
      { value: 0.53, error: 0.04 },
      { value: 0.53, error: 0 },
    ];
    expect(plateauOf(series, { window: 2 })).toMatchObject({ needed: 0.04, reached: true });
    expect(plateauOf(series.slice(1), { window: 1 })).toMatchObject({ needed: 0.01, reached: true });
  });

  test.each([{ window: 0 }, { window: 1.5 }, { leastGain: -0.1 }, { leastGain: Number.NaN }])(
    '%j is refused',
    (settings) => {
      expect(() => plateauOf([], settings)).toThrow(RangeError);
    },
  );

  test('a score that is none is refused', () => {
    expect(() => plateauOf([{ value: Number.NaN, error: 0 }])).toThrow(/NaN/);
    expect(() => plateauOf([{ value: 0, error: -1 }])).toThrow(/-1/);
    expect(() => plateauOf([{ value: 0, error: Infinity }])).toThrow(/Infinity/);
  });

  const series = fc.array(
    fc.record({
      value: fc.double({ min: 0, max: 1, noNaN: true }),
      error: fc.double({ min: 0, max: 0.2, noNaN: true }),
    }),
    { maxLength: 12 },
  );
  const settings = fc.record({
    window: fc.integer({ min: 1, max: 5 }),
    leastGain: fc.double({ min: 0, max: 0.2, noNaN: true }),
  });

  test('is never found before it is armed, and always where nothing was gained', () => {
    fc.assert(
      fc.property(series, settings, (all, given) => {
        const found = plateauOf(all, given);
        expect(found.armed).toBe(all.length > given.window);
        if (!found.armed) expect(found.reached).toBe(false);
        const falling = [...all].sort((a, b) => b.value - a.value);
        expect(plateauOf(falling, given).reached).toBe(found.armed);
      }),
    );
  });

  test('never goes away because more is asked for', () => {
    fc.assert(
      fc.property(series, settings, fc.double({ min: 0, max: 0.5, noNaN: true }), (all, given, more) => {
        const before = plateauOf(all, given).reached;
        const after = plateauOf(all, { ...given, leastGain: given.leastGain + more }).reached;
        expect(after || !before).toBe(true);
      }),
    );
  });
});
