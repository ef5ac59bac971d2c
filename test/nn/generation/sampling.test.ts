import fc from 'fast-check';
import { argMax, sampleToken } from '../../../nn/generation/index.js';
import { stream } from '../../../nn/random/index.js';

const all = { topK: null, topP: null };

describe('sampleToken', () => {
  const logits = Float32Array.of(0, 2, 1, -3);

  it('is greedy at temperature 0 and takes the first of equals', () => {
    expect(sampleToken(logits, { temperature: 0, ...all }, stream(1))).toBe(1);
    expect(argMax([5, 7, 7, 1])).toBe(1);
  });

  it.each([0, 1])('refuses logits that are not numbers, at temperature %d', (temperature) => {
    const broken = Float32Array.of(0, NaN, 1);
    expect(() => sampleToken(broken, { temperature, ...all }, stream(1))).toThrow(
      expect.objectContaining({ code: 'AF_MODEL_NOT_FINITE', at: 'logit of id 1' }),
    );
    expect(sampleToken([0, -Infinity, 1], { temperature: 0, ...all }, stream(1))).toBe(2);
  });

  it('draws with the probabilities of the softmax', () => {
    const random = stream(7, 'softmax');
    const counts = [0, 0, 0, 0];
    const draws = 20_000;
    for (let i = 0; i < draws; i++) counts[sampleToken(logits, { temperature: 1, ...all }, random)]! += 1;
    const weights = [...logits].map(Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [id, weight] of weights.entries()) {
      const p = weight / total;
      const deviation = Math.sqrt((p * (1 - p)) / draws);
      expect(Math.abs(counts[id]! / draws - p)).toBeLessThan(5 * deviation);
    }
  });

  it('keeps to the k most likely tokens', () => {
    const random = stream(3);
    const drawn = new Set(
      Array.from({ length: 500 }, () => sampleToken(logits, { temperature: 5, topK: 2, topP: null }, random)),
    );
    expect([...drawn].sort()).toEqual([1, 2]);
  });

  it('keeps to the smallest set that reaches p', () => {
    const random = stream(4);
    // softmax of (0, 2, 1, -3) is (.0897, .6628, .2438, .0045)-ish: .66 < .7 <= .90
    const drawn = new Set(
      Array.from({ length: 500 }, () =>
        sampleToken(logits, { temperature: 1, topK: null, topP: 0.7 }, random),
      ),
    );
    expect([...drawn].sort()).toEqual([1, 2]);
  });

  it('gives an id of the vocabulary for any finite logits and any settings', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -50, max: 50 }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.option(fc.integer({ min: 1, max: 60 })),
        fc.option(fc.double({ min: 0.01, max: 1, noNaN: true })),
        (values, temperature, topK, topP) => {
          const id = sampleToken(values, { temperature, topK, topP }, stream(1, 'property'));
          return Number.isInteger(id) && id >= 0 && id < values.length;
        },
      ),
    );
  });
});
