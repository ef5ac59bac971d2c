import { packDocuments, targetCounts, unigramCrossEntropy, unigramEntropy } from '../../../nn/data/index.js';

describe('unigram entropy', () => {
  it('is ln 2 of two equally frequent tokens and 0 of one', () => {
    expect(unigramEntropy(Float64Array.of(5, 5))).toBeCloseTo(Math.LN2, 12);
    expect(unigramEntropy(Float64Array.of(0, 9))).toBeCloseTo(0, 12);
    expect(unigramEntropy(Float64Array.of(1, 3))).toBeCloseTo(
      0.25 * Math.log(4) + 0.75 * Math.log(4 / 3),
      12,
    );
    expect(unigramEntropy(new Float64Array(3))).toBeNull();
  });

  it('prices held-out tokens by smoothed training counts', () => {
    // (1 + 1) / (4 + 2) = 1/3 and (3 + 1) / 6 = 2/3
    expect(unigramCrossEntropy(Float64Array.of(1, 3), Float64Array.of(2, 1))).toBeCloseTo(
      (2 * Math.log(3) + Math.log(1.5)) / 3,
      12,
    );
    expect(unigramCrossEntropy(Float64Array.of(0, 4), Float64Array.of(1, 0))).toBeCloseTo(Math.log(6), 12);
    expect(unigramCrossEntropy(Float64Array.of(1, 1), new Float64Array(2))).toBeNull();
  });

  it('counts the targets that count in the loss', () => {
    const document = { ids: Int32Array.of(0, 1, 1, 2), lossMask: Uint8Array.of(0, 0, 1, 1) };
    expect([...targetCounts(packDocuments([document], 3, 3).rows, 4)]).toEqual([0, 1, 1, 0]);
  });
});
