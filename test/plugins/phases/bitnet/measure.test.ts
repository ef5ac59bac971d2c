import type { EvaluationResult, HostBatch } from '../../../../nn/training/index.js';
import { lossIfAny, lossRises, lossSum } from '../../../../plugins/phases/bitnet/measure.js';

describe('losses', () => {
  const evaluate = (_group: string, rows: readonly HostBatch[]): Promise<EvaluationResult> =>
    Promise.resolve({ crossEntropy: rows.length, accuracy: 0, targets: 1, metrics: {} });
  const row = {} as HostBatch;

  it('are measured where there are rows', async () => {
    expect(await lossIfAny({ evaluate }, [row, row])).toBe(2);
    expect(await lossIfAny({ evaluate }, [])).toBeNull();
  });

  it('of lists that there are count, and no others', () => {
    expect(lossSum({ text: 2, questions: 1.5 })).toBe(3.5);
    expect(lossSum({ text: 2, questions: null })).toBe(2);
    expect(lossRises({ text: 2, questions: 1 }, { text: 2.5, questions: 3 })).toEqual([0.5, 2]);
    expect(lossRises({ text: 2, questions: null }, { text: 2.5, questions: null })).toEqual([0.5]);
  });
});
