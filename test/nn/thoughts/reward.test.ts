import * as tf from '@tensorflow/tfjs';
import { RewardScale, rewardThoughts } from '../../../nn/thoughts/index.js';
import { useCpuBackend } from '../../support/engines.js';

const flat = (x: tf.Tensor): number[] => Array.from(x.dataSync());

describe('rewards of thoughts', () => {
  useCpuBackend();

  // One row, two places of two thoughts, two tokens each; of the second place only the first token counts.
  const nll = () => tf.tensor4d([1, 2, 3, 4, 5, 9, 1, 0.5], [1, 2, 2, 2]);
  const counts = () => tf.tensor4d([1, 1, 1, 1, 1, 0, 1, 0], [1, 2, 2, 2]);

  test('are sums of log-probabilities, less the mean of the place, by hand', () => {
    const { reward, advantage, deviation } = rewardThoughts({
      nll: nll(),
      counts: counts(),
      spread: tf.scalar(0.5),
      clamped: false,
    });
    expect(flat(reward)).toEqual([-3, -7, -5, -1]);
    // Means -5 and -3: differences 2, -2, -2, 2, divided by 0.5.
    expect(flat(advantage)).toEqual([4, -4, -4, 4]);
    expect(flat(deviation)[0]).toBeCloseTo(2, 6);
  });

  test('worse than the mean count nothing where clamped', () => {
    const { advantage } = rewardThoughts({
      nll: nll(),
      counts: counts(),
      spread: tf.scalar(1),
      clamped: true,
    });
    expect(flat(advantage)).toEqual([2, 0, 0, 2]);
  });

  test('the deviation is over places that count, and nothing is divided by zero', () => {
    const none = rewardThoughts({
      nll: nll(),
      counts: tf.zeros([1, 2, 2, 2]),
      spread: tf.scalar(0),
      clamped: true,
    });
    expect(flat(none.advantage)).toEqual([0, 0, 0, 0]);
    expect(flat(none.deviation)).toEqual([0]);
    const half = tf.tensor4d([1, 1, 1, 1, 0, 0, 0, 0], [1, 2, 2, 2]);
    const first = rewardThoughts({ nll: nll(), counts: half, spread: tf.scalar(1), clamped: true });
    expect(flat(first.deviation)[0]).toBeCloseTo(2, 6);
  });

  test('carry no gradient', () => {
    const gradient = tf.grad((x: tf.Tensor) =>
      tf.add(
        tf.sum(x),
        tf.sum(
          rewardThoughts({
            nll: x as tf.Tensor4D,
            counts: counts(),
            spread: tf.scalar(1),
            clamped: false,
          }).advantage,
        ),
      ),
    )(nll());
    expect(flat(gradient)).toEqual(new Array(8).fill(1));
  });

  test('the running scale starts with what it sees first and follows slowly', () => {
    const scale = new RewardScale(0.75);
    expect(scale.value).toBe(1);
    scale.observe(2);
    expect(scale.value).toBe(2);
    scale.observe(4); // 0.75 * 4 + 0.25 * 16 = 7
    expect(scale.value).toBeCloseTo(Math.sqrt(7), 12);
    expect(new RewardScale(0.75, scale.state).value).toBe(scale.value);
  });
});
