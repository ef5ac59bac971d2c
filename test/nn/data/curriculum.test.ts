import fc from 'fast-check';
import { capWeights, categoryWeights, curriculum, normaliseWeights } from '../../../nn/data/index.js';

describe('curriculum', () => {
  const weightsAt = curriculum({
    stages: [
      { from: 0, weights: { math: 1 } },
      { from: 0.5, weights: { math: 1, language: 1 } },
    ],
    totalSteps: 4000,
  });

  it('turns one stage into the next over 500 steps, linearly', () => {
    expect(weightsAt(0)).toEqual({ math: 1 });
    expect(weightsAt(1999)).toEqual({ math: 1 });
    expect(weightsAt(2000)).toEqual({ math: 1, language: 0 });
    expect(weightsAt(2250)).toEqual({ math: 0.75, language: 0.25 });
    expect(weightsAt(2500)).toEqual({ math: 0.5, language: 0.5 });
    expect(weightsAt(99_999)).toEqual({ math: 0.5, language: 0.5 });
  });

  it('takes a quarter of a short run', () => {
    const short = curriculum({
      stages: [
        { from: 0, weights: { a: 1 } },
        { from: 0.5, weights: { b: 1 } },
      ],
      totalSteps: 40,
    });
    expect(short(25)).toEqual({ a: 0.5, b: 0.5 });
    expect(short(30)).toEqual({ b: 1 });
  });

  it('never jumps, even when stages are shorter than the transition', () => {
    const busy = curriculum({
      stages: [
        { from: 0.5, weights: { c: 1 } },
        { from: 0, weights: { a: 1 } },
        { from: 0.4, weights: { b: 1 } },
      ],
      totalSteps: 1000,
      transitionSteps: 200,
    });
    for (let step = 1; step < 1000; step++) {
      const before = busy(step - 1);
      const now = busy(step);
      for (const name of ['a', 'b', 'c']) {
        expect(Math.abs((now[name] ?? 0) - (before[name] ?? 0))).toBeLessThanOrEqual(1 / 200 + 1e-12);
      }
    }
    expect(busy(999)).toEqual({ c: 1 });
  });

  it('must begin at the beginning', () => {
    expect(() => curriculum({ stages: [{ from: 0.1, weights: { a: 1 } }], totalSteps: 10 })).toThrow(
      RangeError,
    );
    expect(() => curriculum({ stages: [], totalSteps: 10 })).toThrow(RangeError);
  });

  it('caps the sets of a stage', () => {
    const capped = curriculum({
      stages: [{ from: 0, weights: { a: 8, b: 1, c: 1, d: 1, e: 1, f: 1 } }],
      totalSteps: 10,
      cap: 0.2,
    });
    expect(capped(0)['a']).toBeCloseTo(0.2);
    expect(capped(0)['b']).toBeCloseTo(0.16);
  });
});

describe('capWeights', () => {
  it('gives what is cut to the others in proportion', () => {
    const shares = capWeights({ a: 0.7, b: 0.2, c: 0.1 }, 0.5);
    expect(shares['a']).toBeCloseTo(0.5);
    expect(shares['b']).toBeCloseTo(1 / 3);
    expect(shares['c']).toBeCloseTo(1 / 6);
  });

  it('makes shares equal where the cap cannot be kept, and lets exempt sets exceed it', () => {
    expect(capWeights({ a: 3, b: 1 }, 0.2)).toEqual({ a: 0.5, b: 0.5 });
    const shares = capWeights({ text: 1, a: 3 }, 0.2, ['text']);
    expect(shares['a']).toBeCloseTo(0.2);
    expect(shares['text']).toBeCloseTo(0.8);
  });

  it('sums to one and keeps the cap whenever it can be kept', () => {
    const weights = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
      fc.double({ min: 0.001, max: 100, noNaN: true }),
      { minKeys: 5 },
    );
    fc.assert(
      fc.property(weights, (given) => {
        const shares = Object.values(capWeights(given, 0.2));
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
        for (const share of shares) expect(share).toBeLessThanOrEqual(0.2 + 1e-9);
      }),
    );
  });
});

describe('weights', () => {
  it('refuses what is no share', () => {
    expect(() => normaliseWeights({ a: -1 })).toThrow('"a"');
    expect(() => normaliseWeights({ a: Number.NaN })).toThrow('"a"');
    expect(() => normaliseWeights({ a: 0 })).toThrow('zero');
  });

  it('divides categories among their datasets', () => {
    const datasets = [
      { name: 'gsm8k', category: 'math' },
      { name: 'svamp', category: 'math' },
      { name: 'stories', category: 'language' },
    ] as const;
    const shares = categoryWeights(datasets, { math: 0.4, language: 0.4, code: 0.2 });
    expect(shares).toEqual({ gsm8k: 0.25, svamp: 0.25, stories: 0.5 });
  });
});
