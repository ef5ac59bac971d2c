import fc from 'fast-check';
import { ARCHITECTURE } from '../../../core/contracts/architecture.js';
import {
  calibrateThreshold,
  Generator,
  normalisedEntropies,
  normalisedEntropy,
  writableIds,
  writableLogits,
} from '../../../nn/generation/index.js';
import { titansMag } from '../../../plugins/architectures/titans-mag/index.js';
import { implementationOf } from '../../../testing/index.js';
import { livelyWeights, tinyTitansMag } from '../../support/titans-mag.js';
import { openTestEngine } from '../../support/training.js';

const NOBODY = { pad: null, bos: null, eos: null, unk: null, mask: null };

describe('ids that are never written', () => {
  it('are pad, bos, unk, mask and what was added; the end of a document is written', () => {
    const special = { pad: 7, bos: 2, eos: 3, unk: 4, mask: null };
    const extended = new Map([['<think>', 9]]);
    expect(writableIds({ vocabularySize: 10, special, extended })).toEqual({
      ...{ vocabulary: 10, never: [2, 4, 7, 9] },
    });
    // One token for everything, as GPT-2 has it, ends documents all the same.
    const one = { pad: 5, bos: 5, eos: 5, unk: 5, mask: null };
    expect(writableIds({ vocabularySize: 6, special: one })).toEqual({ vocabulary: 6, never: [] });
  });

  it('are far below all others, beyond the vocabulary there is nothing, and the logits stay what they were', () => {
    const logits = Float32Array.of(1, 2, 3, 4, 5);
    const masked = writableLogits(logits, { vocabulary: 4, never: [3, 1, 40] });
    expect(Array.from(masked)).toEqual([1, -1e10, 3, -1e10]);
    expect(Array.from(logits)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('normalised entropy', () => {
  it('is what it is by hand', () => {
    // Shares 1/2, 1/4, 1/4: H = 1.5 ln 2, over ln 3.
    const logits = Float32Array.of(Math.log(2), 0, 0);
    expect(normalisedEntropy(logits, { vocabulary: 3 })).toBeCloseTo((1.5 * Math.log(2)) / Math.log(3), 6);
    expect(normalisedEntropy(new Float32Array(7), { vocabulary: 7 })).toBeCloseTo(1, 6);
    expect(normalisedEntropy(Float32Array.of(0, 80, 0), { vocabulary: 3 })).toBeCloseTo(0, 6);
    expect(normalisedEntropy(Float32Array.of(3, 1), { vocabulary: 1 })).toBe(0);
  });

  it('does not depend on ids that are never written, nor on what is added to all logits', () => {
    const logit = fc.double({ min: -20, max: 20, noNaN: true });
    fc.assert(
      fc.property(fc.array(logit, { minLength: 3, maxLength: 12 }), logit, logit, (values, more, other) => {
        const plain = normalisedEntropy(Float32Array.from(values), { vocabulary: values.length });
        expect(plain).toBeGreaterThanOrEqual(-1e-6);
        expect(plain).toBeLessThanOrEqual(1 + 1e-6);
        const shifted = Float32Array.from([...values.map((value) => value + more), other, other + 9]);
        const ids = { vocabulary: values.length + 1, never: [values.length] };
        expect(normalisedEntropy(shifted, ids)).toBeCloseTo(plain, 4);
      }),
    );
  });
});

describe('a threshold', () => {
  it('is a percentile, between neighbours by straight line', () => {
    expect(calibrateThreshold([0.5, 0.1, 0.3, 0.2, 0.4])).toBeCloseTo(0.38, 12);
    expect(calibrateThreshold([0.5, 0.1, 0.3], 0)).toBe(0.1);
    expect(calibrateThreshold([0.5, 0.1, 0.3], 1)).toBe(0.5);
    expect(calibrateThreshold([0.25], 0.7)).toBe(0.25);
    expect(() => calibrateThreshold([])).toThrow(RangeError);
    expect(() => calibrateThreshold([1], 2)).toThrow(RangeError);
  });

  it('leaves the share above it that it says', () => {
    const entropies = fc.uniqueArray(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20 });
    fc.assert(
      fc.property(entropies, fc.double({ min: 0, max: 1, noNaN: true }), (values, percentile) => {
        const threshold = calibrateThreshold(values, percentile);
        const above = values.filter((value) => value > threshold).length / values.length;
        expect(Math.abs(above - (1 - percentile))).toBeLessThanOrEqual(1 / values.length + 1e-9);
      }),
    );
  });
});

test('on the engine it is what a generator would see, at the step that answers', async () => {
  const engine = await openTestEngine();
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  const config = tinyTitansMag({ contextLength: 16 });
  const weights = livelyWeights(config, 11);
  weights['embedding.table']!.data.forEach((value, i, data) => (data[i] = value / 10));
  const halt = (q: readonly number[]): number => (q[0]! > 0.1 ? 1 : q[1]! > 0.1435 ? 2 : 3);
  const model = { engine, architecture, config, weights, halt };
  const ids = writableIds({
    ...{ vocabularySize: 38, special: { ...NOBODY, bos: 3 }, extended: new Map([['<think>', 37]]) },
  });
  const length = 8;
  const batch = {
    ids: Int32Array.from({ length: 2 * length }, (_, i) => (i * 7 + 2) % 40),
    targets: Int32Array.from({ length: 2 * length }, (_, i) => (i === 3 || i > 13 ? -100 : 1)),
    segments: new Int32Array(2 * length),
  };
  const found = await normalisedEntropies(model, [batch, batch], [2, length], ids);
  const generator = await Generator.create(model);
  const expected: number[] = [];
  const steps = new Set<number>();
  for (let i = 0; i < 14; i++) {
    if (i === 3) continue;
    const first = i < length ? 0 : length;
    const said = await generator.predict(Array.from(batch.ids.subarray(first, i + 1)));
    steps.add(said.steps);
    expected.push(normalisedEntropy(said.logits, ids));
  }
  await generator.dispose();
  await engine.dispose();
  expect(steps.size).toBeGreaterThan(1);
  expect(found).toHaveLength(26);
  for (const [i, value] of [...expected, ...expected].entries()) expect(found[i]).toBeCloseTo(value, 5);
});
