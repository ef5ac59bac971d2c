import {
  claimsOf,
  coherence,
  COHERENCE_SCHEMES,
  fitCoherence,
  judgeThought,
  logicalConsistency,
  repetition,
  type CoherenceStatistics,
} from '../../../nn/thoughts/index.js';

describe('claims of a thought', () => {
  test.each([
    ['12 + 30 = 42', [true]],
    ['12+30=41', [false]],
    ['2 + 3 * 4 = 14, so 14 - 4 = 10', [true, true]],
    ['2 x 3 = 6 and 6 ÷ 4 = 1.5', [true, true]],
    ['0.1 + 0.2 = 0.3', [true]],
    ['5 -3 = 2', [true]],
    ['7 - -3 = 10', [true]],
    ['4 / 0 = 0', [false]],
    ['7 < 9, 9 <= 9, 9 > 9', [true, true, false]],
    ['7 is less than 9', [true]],
    ['7 is not greater than 9', [true]],
    ['7 is not less than 9', [false]],
    ['not 3 = 4', [true]],
    ['3 != 3', [false]],
    ['5 is 5', [true]],
    ['5 is not 5', [false]],
    ['x = 5 and step 2: 3 apples', []],
    ['a12 + 3 = 15b', []],
    ['', []],
  ])('%s', (text, expected) => {
    expect(claimsOf(text).map(({ holds }) => holds)).toEqual(expected);
  });

  test('half of them holds, and of none nothing can be said', () => {
    expect(logicalConsistency('1 + 1 = 2, 1 + 1 = 3')).toBe(0.5);
    expect(logicalConsistency('1 + 1 = 2')).toBe(1);
    expect(logicalConsistency('hm')).toBe(0.5);
  });
});

describe('coherence of a thought', () => {
  const statistics: CoherenceStatistics = { mu: -3, sigma: 2, idf: Float32Array.of(1, 2, 3, 4) };

  test('its dimensions by hand', () => {
    const found = judgeThought(
      { cosine: 0.5, logProbability: -1, gain: 0.5 * Math.log(3) },
      { ids: [1, 2, 2, 3], context: [0, 1, 3], text: '1 + 1 = 2, 2 < 1' },
      statistics,
    );
    expect(found.semantic).toBeCloseTo(0.75, 12);
    // Pairs 1 2, 2 2, 2 3: none twice. sigmoid((-1 + 3) / 2)
    expect(found.syntactic).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
    expect(found.fluency).toBe(found.syntactic);
    expect(found.predictive).toBeCloseTo(0.75, 12);
    expect(found.logical).toBe(0.5);
    // Ids 1, 2, 3 weigh 2 + 3 + 4; 1 and 3 are in the text.
    expect(found.relevance).toBeCloseTo(6 / 9, 12);
  });

  test('a thought that repeats itself is not fluent', () => {
    // Pairs 1 1, 1 1, 1 1: one of three is new.
    expect(repetition([1, 1, 1, 1])).toBeCloseTo(2 / 3, 12);
    expect(repetition([1])).toBe(0);
    const signals = { cosine: 0, logProbability: -3, gain: 0 };
    expect(judgeThought(signals, { ids: [1, 1, 1, 1], context: [] }, statistics).fluency).toBe(0);
    expect(judgeThought(signals, { ids: [1, 2, 1, 2], context: [] }, statistics).fluency).toBeCloseTo(
      0.5 - 1 / 3,
      12,
    );
  });

  test('of a thought without tokens nothing can be said', () => {
    const signals = { cosine: 0, logProbability: 0, gain: 0 };
    const found = judgeThought(signals, { ids: [], context: [1], text: '' }, statistics);
    expect(found).toEqual({
      ...{ semantic: 0.5, syntactic: 0.5, predictive: 0.5, logical: 0.5, relevance: 0, fluency: 0.5 },
    });
  });

  test('both published weightings sum to one', () => {
    const all = { semantic: 1, syntactic: 1, predictive: 1, logical: 1, relevance: 1, fluency: 1 };
    expect(coherence(all, COHERENCE_SCHEMES.A)).toBeCloseTo(1, 12);
    expect(coherence(all, COHERENCE_SCHEMES.B)).toBeCloseTo(1, 12);
    const some = { ...all, semantic: 0.5, syntactic: 0, fluency: 0, relevance: 0.2 };
    expect(coherence(some, COHERENCE_SCHEMES.A)).toBeCloseTo(0.4 * 0.5 + 0.3, 12);
    expect(coherence(some, COHERENCE_SCHEMES.B)).toBeCloseTo(0.3 * 0.5 + 0.3 + 0.25 * 0.2, 12);
  });

  test('what real text is like is fitted from it, padding left out', () => {
    // Rows of 6: a document of 4 tokens and two of padding; a document of 6.
    const text = {
      ids: Int32Array.of(1, 2, 1, 3, 0, 0, 1, 2, 2, 2, 2, 2),
      targets: Int32Array.of(2, 1, 3, -100, -100, -100, 2, 2, 2, 2, 2, -100),
      segments: Int32Array.of(0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0),
      nll: Float32Array.of(1, 3, 100, 100, 100, 100, 5, 5, 2, 4, 100, 100),
    };
    const found = fitCoherence([text], { base: 6, length: 2, vocabulary: 4 });
    // Pieces of two: -2, then (the third token alone is none) -5 and -3.
    const mu = -10 / 3;
    expect(found.mu).toBeCloseTo(mu, 12);
    expect(found.sigma).toBeCloseTo(Math.sqrt(((-2 - mu) ** 2 + (-5 - mu) ** 2 + (-3 - mu) ** 2) / 3), 12);
    // Two documents: id 0 in none, 1 and 2 in both, 3 in one.
    const idf = [Math.log(3) + 1, 1, 1, Math.log(1.5) + 1];
    found.idf.forEach((value, id) => expect(value).toBeCloseTo(idf[id]!, 6));
  });
});
