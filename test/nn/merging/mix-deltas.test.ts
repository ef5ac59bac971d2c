import * as fc from 'fast-check';
import {
  deltasOf,
  magnitudeTrim,
  mixDeltas,
  type MixSettings,
  type TaskVector,
} from '../../../nn/merging/index.js';
import { closeTo, family } from '../../support/merging.js';

const d1 = [3, -1, 0.5, 2, -0.1];
const d2 = [-2, -1.5, 0.6, 1, 0.2];
const d3 = [1, 2, -0.4, -3, 0.3];
const base = new Float32Array(5);

function trimmedVectors(weights: readonly number[] = [1, 1, 1]): TaskVector[] {
  return [d1, d2, d3].map((delta, i) => {
    const model = Float32Array.from(delta);
    return { model, weight: weights[i]!, trim: magnitudeTrim(deltasOf(model, base), 0.4), scale: 1 };
  });
}

const SUM: MixSettings = { consensus: 'sum', normalize: true, lambda: 1 };

describe('numbers worked out by hand', () => {
  test('sign of the sum', () => {
    expect([...mixDeltas(base, trimmedVectors(), SUM)]).toEqual([3, 2, 0, -3, 0]);
  });

  test('count of signs: every contested position is a tie, and a tie is plus', () => {
    expect([...mixDeltas(base, trimmedVectors(), { ...SUM, consensus: 'count' })]).toEqual([3, 2, 0, 2, 0]);
  });

  test('two against one: the count and the sum disagree', () => {
    const vectors = [[5], [-1], [-1]].map((delta) => ({
      model: Float32Array.from(delta),
      weight: 1,
      trim: null,
      scale: 1,
    }));
    const zero = new Float32Array(1);
    expect([...mixDeltas(zero, vectors, SUM)]).toEqual([5]);
    expect([...mixDeltas(zero, vectors, { ...SUM, consensus: 'count' })]).toEqual([-1]);
  });
});

test('lambda, weights and no normalisation', () => {
  const vectors = trimmedVectors([1, 2, 0.5]);
  closeTo(mixDeltas(base, vectors, { ...SUM, lambda: 0.5 }), [-1, -0.75, 0, 1, 0], 6);
  closeTo(mixDeltas(base, vectors, { ...SUM, normalize: false }), [-4, -3, 0, 2, 0], 6);
});

/** One element, written down as mergekit does. */
function reference(values: readonly { delta: number; weight: number }[], settings: MixSettings): number {
  const weighted = values.map(({ delta, weight }) => ({ value: delta * weight, weight }));
  const ballot = weighted.reduce(
    (sum, { value }) => sum + (settings.consensus === 'count' ? Math.sign(value) : value),
    0,
  );
  const elected = ballot >= 0 ? 1 : -1;
  const taking = settings.consensus ? weighted.filter(({ value }) => Math.sign(value) === elected) : weighted;
  const merged = taking.reduce((sum, { value }) => sum + value, 0);
  const divisor = taking.reduce((sum, { weight }) => sum + weight, 0);
  return settings.lambda * (settings.normalize && Math.abs(divisor) >= 1e-8 ? merged / divisor : merged);
}

/** Halves and quarters: sums are exact, so a tie is a tie in any order of addition. */
const quarter = fc.integer({ min: -8, max: 8 }).map((n) => n / 4);

test('any deltas, weights and settings: element by element the definition', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 11 }).chain((models) =>
        fc.record({
          deltas: fc.array(fc.array(quarter, { minLength: 7, maxLength: 7 }), {
            minLength: models,
            maxLength: models,
          }),
          weights: fc.array(quarter, { minLength: models, maxLength: models }),
        }),
      ),
      fc.constantFrom('sum' as const, 'count' as const, null),
      fc.boolean(),
      ({ deltas, weights }, consensus, normalize) => {
        const settings = { consensus, normalize, lambda: 0.75 };
        const vectors = deltas.map((delta, i) => ({
          model: Float32Array.from(delta),
          weight: weights[i]!,
          trim: null,
          scale: 1,
        }));
        const merged = mixDeltas(new Float32Array(7), vectors, settings);
        const expected = Array.from({ length: 7 }, (_, at) =>
          reference(
            deltas.map((delta, i) => ({ delta: delta[at]!, weight: weights[i]! })),
            settings,
          ),
        );
        closeTo(merged, expected, 4);
      },
    ),
    { numRuns: 400 },
  );
});

test('long tensors: blocks meet without a seam', () => {
  const { base: origin, models } = family(9001, 3);
  const vectors = models.map((model) => {
    const trim = magnitudeTrim(deltasOf(model, origin), 0.3);
    return { model, weight: 1, trim, scale: 2 };
  });
  for (const settings of [SUM, { ...SUM, consensus: null }]) {
    const whole = mixDeltas(origin, vectors, settings);
    expect(whole.every((each) => Number.isFinite(each))).toBe(true);
    const changed = whole.filter((each, i) => each !== origin[i]).length;
    expect(changed).toBeGreaterThan(0.4 * 9001);
    expect(changed).toBeLessThan(0.9 * 9001);
  }
});

test('no trim and no consensus: the plain weighted sum', () => {
  const { base: origin, models } = family(100, 3);
  const weights = [0.5, 0.3, 0.4];
  const vectors = models.map((model, i) => ({ model, weight: weights[i]!, trim: null, scale: 1 }));
  const expected = origin.map(
    (value, at) =>
      value + 0.7 * models.reduce((sum, model, i) => sum + weights[i]! * (model[at]! - value), 0),
  );
  closeTo(mixDeltas(origin, vectors, { consensus: null, normalize: false, lambda: 0.7 }), expected, 6);
});
