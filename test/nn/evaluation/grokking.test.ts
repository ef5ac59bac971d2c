import * as fc from 'fast-check';
import {
  GROKKING,
  GROKKING_START,
  grokkingOf,
  observeGrokking,
  type AccuracyPoint,
  type GrokkingHistory,
} from '../../../nn/evaluation/index.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Train fits at step 100; validation follows a sigmoid around a step of its own. */
function series(
  validation: (step: number) => number,
  { train = (step: number): number => sigmoid((step - 70) / 8), steps = 2000 } = {},
): AccuracyPoint[] {
  return Array.from({ length: steps / 10 }, (_, i) => {
    const step = 10 * (i + 1);
    return { step, train: train(step), validation: validation(step) };
  });
}

const late = (step: number): number => 0.02 + 0.97 * sigmoid((step - 995) / 50);

/** Feeds a series point by point through JSON. */
function watch(points: readonly AccuracyPoint[]): { fires: number[]; history: GrokkingHistory } {
  const fires: number[] = [];
  let history = GROKKING_START;
  for (const point of points) {
    const next = observeGrokking(JSON.parse(JSON.stringify(history)) as GrokkingHistory, point);
    if (next.fires) fires.push(point.step);
    history = next.history;
    expect(next.report).toEqual(grokkingOf(history.points));
  }
  return { fires, history };
}

describe('grokking', () => {
  test('a late sigmoid fires once, and is described', () => {
    const points = series(late);
    const report = grokkingOf(points);
    // Train reaches 0.95 at 70 + 8 ln 19 = 93.6; validation at 995 + 50 ln(0.93 / 0.04) = 1152.
    expect(report).toMatchObject({
      ...{ stage: 'generalised', verdict: 'grokked', detected: true },
      ...{ memorisedStep: 100, generalisedStep: 1160, delayRatio: 11.6, step: 1000, collapse: null },
    });
    // At step 110, in the middle of the three that confirm it.
    expect(report.gap).toBeCloseTo(sigmoid(5) - 0.02, 4);
    expect(report.improvement).toBeCloseTo(0.97, 2);
    // The slope of a sigmoid in its middle is a quarter of its height over its width.
    expect(report.accuracyDerivative).toBeCloseTo(0.97 / 4 / 50, 4);
    const { fires, history } = watch(points);
    expect(fires).toEqual([1180]);
    expect(history.fired).toBe(true);
  });

  test('stages on the way', () => {
    const points = series(late);
    const stageAt = (step: number) => grokkingOf(points.slice(0, step / 10)).stage;
    expect([50, 110, 120, 900, 1000, 1170, 1180].map(stageAt)).toEqual([
      ...['init', 'init', 'memorised', 'memorised', 'transition', 'transition', 'generalised'],
    ]);
  });

  test('train and validation that rise together never fire', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 1500 }), fc.double({ min: 0, max: 0.05 }), (middle, behind) => {
        const both = (step: number) => sigmoid((step - middle) / 40);
        const points = series((step) => Math.max(0, both(step) - behind * (1 - both(step))), { train: both });
        expect(watch(points).fires).toEqual([]);
        expect(grokkingOf(points).verdict).toBe('ordinary_generalisation');
      }),
      { numRuns: 20 },
    );
  });

  test('noise of single evaluations never fires, whatever it hits', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 66 }), { maxLength: 20 }), (spikes) => {
        // At least two evaluations between them.
        const high = new Set(spikes.map((spike) => 10 * (3 * spike + 1)));
        const points = series((step) => (high.has(step) ? 1 : 0.05));
        expect(watch(points).fires).toEqual([]);
        expect(grokkingOf(points)).toMatchObject({ verdict: 'memorised_only', stage: 'memorised' });
      }),
      { numRuns: 20 },
    );
  });

  test('a spike at memorisation hides nothing', () => {
    expect(grokkingOf(series((step) => (step === 100 ? 1 : late(step))))).toMatchObject({ detected: true });
  });

  test('a collapse afterwards is reported and takes nothing back', () => {
    const points = series((step) => (step > 1500 ? 0.3 : late(step)));
    expect(grokkingOf(points)).toMatchObject({
      ...{ verdict: 'grokked', step: 1000, generalisedStep: 1160 },
      collapse: { step: 1510, lowest: 0.3 },
    });
    expect(grokkingOf(points).improvement).toBeCloseTo(0.97, 2);
    expect(watch(points).fires).toEqual([1180]);
    const brief = series((step) => (step === 1500 ? 0.3 : late(step)));
    expect(grokkingOf(brief).collapse).toBeNull();
  });

  test('what never generalises was memorised only; what never fits is nothing', () => {
    expect(grokkingOf(series(() => 0.02))).toMatchObject({
      ...{ verdict: 'memorised_only', generalisedStep: null, delayRatio: null, step: null, detected: false },
    });
    expect(grokkingOf(series(() => 0.02, { train: () => 0.5 }))).toMatchObject({
      verdict: 'none',
      gap: null,
    });
    expect(grokkingOf([])).toMatchObject({ verdict: 'none', stage: 'init', accuracyDerivative: null });
  });

  test('generalising soon after memorising, or from close by, is ordinary', () => {
    const soon = (step: number) => sigmoid((step - 140) / 8);
    expect(grokkingOf(series(soon))).toMatchObject({
      verdict: 'ordinary_generalisation',
      memorisedStep: 100,
    });
    const near = (step: number) => 0.75 + 0.24 * sigmoid((step - 1000) / 50);
    expect(grokkingOf(series(near))).toMatchObject({ verdict: 'ordinary_generalisation' });
    expect(grokkingOf(series(near), { ...GROKKING, gap: 0.1, rise: 0.1 })).toMatchObject({
      verdict: 'grokked',
    });
  });

  test('steps must grow', () => {
    const [a, b] = series(late);
    expect(() => grokkingOf([b!, a!])).toThrow(expect.objectContaining({ code: 'AF_INTERNAL' }) as Error);
  });
});
