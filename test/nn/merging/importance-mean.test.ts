import { fuseImportant, givenImportance, importanceMean, squaredDeltas } from '../../../nn/merging/index.js';
import { closeTo, family, normals } from '../../support/merging.js';

const f32 = (...values: number[]) => Float32Array.from(values);
const SETTINGS = { weights: [1, 1], epsilon: 0, balance: false };

describe('mean by importance', () => {
  const models = [f32(1, 2, 3), f32(5, -2, 0)];

  test('sum F theta / sum F', () => {
    const importances = givenImportance([f32(1, 3, 0), f32(3, 1, 2)]);
    closeTo(importanceMean(models, importances, SETTINGS), [4, 1, 0], 6);
    closeTo(importanceMean(models, importances, { ...SETTINGS, weights: [3, 1] }), [3, 1.6, 0], 6);
  });

  test('balanced: an importance a thousand times as large changes nothing', () => {
    const [small, large] = [f32(1, 3, 2), f32(3, 1, 2)];
    const balanced = { ...SETTINGS, balance: true };
    const plain = importanceMean(models, givenImportance([small, large]), balanced);
    const scaled = importanceMean(
      models,
      givenImportance([small, large.map((each) => 1000 * each)]),
      balanced,
    );
    closeTo(scaled, plain, 5);
    const wins = importanceMean(models, givenImportance([small, large.map((each) => 1e9 * each)]), SETTINGS);
    closeTo(wins, models[1]!, 5);
  });

  test('no importance at all: the weighted mean; of one model: even everywhere', () => {
    const nothing = new Float32Array(3);
    closeTo(
      importanceMean(models, givenImportance([nothing, nothing]), { ...SETTINGS, weights: [3, 1] }),
      [2, 1, 2.25],
      6,
    );
    const one = importanceMean(models, givenImportance([nothing, f32(2, 2, 2)]), {
      ...SETTINGS,
      balance: true,
    });
    closeTo(one, [3, 0, 1.5], 6);
  });

  test('an element that counts for nothing in either: the weighted mean there', () => {
    const importances = givenImportance([f32(1, 0, 1), f32(1, 0, 1)]);
    closeTo(importanceMean(models, importances, SETTINGS), [3, 0, 1.5], 6);
    closeTo(importanceMean(models, importances, { ...SETTINGS, weights: [1, -1] }).subarray(1, 2), [0], 6);
  });

  test('without importances: what a model moved most', () => {
    const base = f32(1, 0, 0);
    const merged = importanceMean(models, squaredDeltas(models, base), SETTINGS);
    closeTo(merged, [5, 0, 3], 5);
  });

  test('long tensors', () => {
    const { base, models: three } = family(5000, 3);
    const importances = three.map((_, m) => normals(5000, 1, 'fisher', m).map((each) => each * each));
    const merged = importanceMean(three, givenImportance(importances), { ...SETTINGS, weights: [1, 1, 1] });
    const expected = base.map((_, i) => {
      const total = importances.reduce((sum, each) => sum + each[i]!, 0);
      return three.reduce((sum, model, m) => sum + importances[m]![i]! * model[i]!, 0) / total;
    });
    closeTo(merged, expected, 5);
  });
});

describe('fusion', () => {
  /** The definition with a full sort. */
  function reference(model: Float32Array, base: Float32Array, rowLength: number): Float32Array {
    const softmax = (row: Float32Array) => {
      const total = row.reduce((sum, each) => sum + Math.exp(each), 0);
      return Array.from(row, (each) => Math.exp(each) / total + 1e-8);
    };
    const scores: number[] = [];
    for (let start = 0; start < model.length; start += rowLength) {
      const [p, q] = [model, base].map((tensor) => softmax(tensor.subarray(start, start + rowLength)));
      const divergence = p!.reduce((sum, value, k) => sum + value * Math.log(value / q![k]!), 0);
      for (let i = start; i < start + rowLength; i++) {
        scores.push(Math.fround(Math.fround(Math.abs(model[i]! - base[i]!)) * divergence));
      }
    }
    const sorted = [...scores].sort((a, b) => a - b);
    const at = (quantile: number) => sorted[Math.floor(quantile * (sorted.length - 1))]!;
    const threshold = at(0.5) + 1.5 * (at(0.75) - at(0.25));
    return model.map((each, i) => (scores[i]! >= threshold ? each : base[i]!));
  }

  test.each([
    [6, 8],
    [1, 100],
    [3, 3000],
  ])('%i rows of %i', (rows, columns) => {
    const { base, models } = family(rows * columns, 1, 0.05);
    const merged = fuseImportant(models[0]!, base, columns);
    expect(merged).toEqual(reference(models[0]!, base, columns));
    const taken = merged.filter((each, i) => each !== base[i]).length / merged.length;
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(0.4);
  });
});
