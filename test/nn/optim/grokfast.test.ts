import * as tf from '@tensorflow/tfjs';
import { grokfast, type GrokfastSettings } from '../../../nn/optim/index.js';
import { expectClose } from '../../support/close.js';
import { describeOnEngines, floats } from '../../support/engines.js';

const lowpass: GrokfastSettings = { filter: 'lowpass', alpha: 0.98, lambda: 0.3 };

describeOnEngines('Grokfast', (compute) => {
  test('g1 = [1, -2], g2 = [3, 0]', async () => {
    const found = await compute({ g1: floats([1, -2]), g2: floats([3, 0]) }, (t) => {
      const first = grokfast(t['g1']!, tf.zeros([2]), tf.scalar(1), lowpass);
      const second = grokfast(t['g2']!, first.average, tf.scalar(2), lowpass);
      return { first: first.gradient, average: second.average, second: second.gradient };
    });
    expectClose(found['first']!, [1.3, -2.6], 1e-6);
    expectClose(found['average']!, [1.04, -1.96], 1e-6);
    expectClose(found['second']!, [3.312, -0.588], 1e-6);
  });

  test('a constant gradient grows to 1 + lambda; the high-pass form leaves it alone', async () => {
    const found = await compute({ g: floats([2, -1]) }, (t) => {
      const after = (settings: GrokfastSettings): tf.Tensor => {
        let result = grokfast(t['g']!, tf.zeros([2]), tf.scalar(1), settings);
        for (let step = 2; step <= 4; step++)
          result = grokfast(t['g']!, result.average, tf.scalar(step), settings);
        return result.gradient;
      };
      return { low: after(lowpass), high: after({ ...lowpass, filter: 'highpass' }) };
    });
    expectClose(found['low']!, [2.6, -1.3], 1e-6);
    expectClose(found['high']!, [2, -1], 1e-6);
  });

  test('a gradient that becomes constant comes out as (1 + lambda) c, through the high-pass form as c', async () => {
    const found = await compute({ other: floats([-7, 5]), c: floats([2, -1]) }, (t) => {
      const after = (filter: GrokfastSettings['filter']): tf.Tensor => {
        const settings = { filter, alpha: 0.8, lambda: 2 };
        let result = grokfast(t['other']!, tf.zeros([2]), tf.scalar(1), settings);
        for (let step = 2; step <= 100; step++)
          result = grokfast(t['c']!, result.average, tf.scalar(step), settings);
        return result.gradient;
      };
      return { low: after('lowpass'), high: after('highpass') };
    });
    expectClose(found['low']!, [6, -3], 1e-5);
    expectClose(found['high']!, [2, -1], 1e-5);
  });

  test('the first average does not depend on what the state held', async () => {
    const found = await compute({ g: floats([2]), state: floats([123]) }, (t) => ({
      average: grokfast(t['g']!, t['state']!, tf.scalar(1), lowpass).average,
    }));
    expectClose(found['average']!, [2], 1e-6);
  });
});
