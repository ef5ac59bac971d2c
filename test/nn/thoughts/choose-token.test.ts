import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { chooseTokens } from '../../../nn/thoughts/choose-token.js';
import { describeOnEngines, floats } from '../../support/engines.js';

const ROWS = 4000;
/** Probabilities of ids 0, 2 and 3 once id 1, the likeliest, is excluded. */
const LOGITS = [Math.log(1), Math.log(100), Math.log(3), Math.log(6)];

describeOnEngines('the choice of a token', (compute) => {
  async function chosen(greedy: number, excluded: readonly number[] = [1]): Promise<number[]> {
    const inputs = {
      features: floats(Array.from({ length: ROWS }, () => LOGITS).flat(), [1, ROWS, 1, 4]),
      greedy: floats([greedy], []),
    };
    const { token } = await compute(inputs, (t, context) => {
      const said = { features: t['features'] as Tensor4D, head: tf.eye(4) as Tensor2D };
      return { token: chooseTokens(said, excluded, t['greedy'] as tf.Scalar, context) };
    });
    expect(token!.dtype).toBe('int32');
    const counts = [0, 0, 0, 0];
    for (const id of token!.data) counts[id]!++;
    return counts;
  }

  test('is drawn as often as it is likely, and never excluded', async () => {
    const counts = await chosen(0);
    expect(counts[1]).toBe(0);
    // 0.1, 0.3 and 0.6 of 4000; five standard deviations.
    for (const [id, share] of [
      [0, 0.1],
      [2, 0.3],
      [3, 0.6],
    ] as const)
      expect(Math.abs(counts[id]! - share * ROWS)).toBeLessThan(5 * Math.sqrt(ROWS * share * (1 - share)));
    expect((await chosen(0, [1, 3]))[3]).toBe(0);
  });

  test('is the likeliest one that is not excluded when greedy', async () => {
    expect(await chosen(1)).toEqual([0, 0, 0, ROWS]);
    expect(await chosen(1, [])).toEqual([0, ROWS, 0, 0]);
  });
});
