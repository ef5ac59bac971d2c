import * as tf from '@tensorflow/tfjs';
import { RewardScale, rewardThoughts } from '../../../nn/thoughts/index.js';
import { useCpuBackend } from '../../support/engines.js';

const plain = (spread: number) => ({ spread: tf.scalar(spread), threshold: tf.scalar(0) });
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
      ...plain(0.5),
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
      ...plain(1),
      clamped: true,
    });
    expect(flat(advantage)).toEqual([2, 0, 0, 2]);
  });

  test('the deviation is over places that count, and nothing is divided by zero', () => {
    const none = rewardThoughts({
      nll: nll(),
      counts: tf.zeros([1, 2, 2, 2]),
      ...plain(0),
      clamped: true,
    });
    expect(flat(none.advantage)).toEqual([0, 0, 0, 0]);
    expect(flat(none.deviation)).toEqual([0]);
    const half = tf.tensor4d([1, 1, 1, 1, 0, 0, 0, 0], [1, 2, 2, 2]);
    const first = rewardThoughts({ nll: nll(), counts: half, ...plain(1), clamped: true });
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
            ...plain(1),
            clamped: false,
          }).advantage,
        ),
      ),
    )(nll());
    expect(flat(gradient)).toEqual(new Array(8).fill(1));
  });

  test('of which the scale is not known are divided by their own deviation', () => {
    const { advantage } = rewardThoughts({ nll: nll(), counts: counts(), ...plain(0), clamped: false });
    // Differences 2, -2, -2, 2 and deviation 2.
    for (const [i, value] of [1, -1, -1, 1].entries()) expect(flat(advantage)[i]).toBeCloseTo(value, 6);
  });

  test('that are not above the threshold count nothing, and the others as much as before', () => {
    const advantages = (threshold: number, clamped: boolean): number[] => {
      const spread = tf.scalar(4);
      // Differences 2, -2 and 0.5, -0.5: in spreads 0.5, -0.5, 0.125, -0.125.
      const close = tf.tensor4d([1, 2, 3, 4, 5, 0, 4, 0], [1, 2, 2, 2]);
      const input = { nll: close, counts: counts(), spread, threshold: tf.scalar(threshold), clamped };
      return flat(rewardThoughts(input).advantage);
    };
    expect(advantages(0, false)).toEqual([0.5, -0.5, -0.125, 0.125]);
    expect(advantages(0.125, true).map(Math.abs)).toEqual([0.5, 0, 0, 0]);
    expect(advantages(0.125, false).map((x) => x + 0)).toEqual([0.5, -0.5, 0, 0]);
    expect(advantages(0.5, true).map(Math.abs)).toEqual([0, 0, 0, 0]);
  });

  test('the running scale is a mean of what was seen, however little that is', () => {
    const scale = new RewardScale(0.75);
    expect(scale.value).toBe(0);
    scale.observe(2);
    expect(scale.value).toBeCloseTo(2, 12);
    scale.observe(4); // (0.75 * 4 + 16) / 1.75
    expect(scale.value).toBeCloseTo(Math.sqrt(19 / 1.75), 12);
    expect(new RewardScale(0.75, scale.state).value).toBe(scale.value);
    scale.observe(NaN);
    expect(scale.value).toBeCloseTo(Math.sqrt(19 / 1.75), 12);
  });

  test('a tiny first deviation does not blow up the updates after it', () => {
    const scale = new RewardScale();
    scale.observe(1e-3);
    for (let update = 0; update < 9; update++) scale.observe(1);
    // Nine of ten are 1; an average that starts at the first one would stand at 0.29.
    expect(scale.value).toBeGreaterThan(0.94);
    expect(scale.value).toBeLessThan(1);
  });
});
