import * as tf from '@tensorflow/tfjs';
import { dropoutSites } from '../../../nn/layers/index.js';
import { describeOnEngines, floats } from '../../support/engines.js';

const SIZE = 4000;

describeOnEngines('dropout', (compute) => {
  test('keeps a share of 1 - rate, scaled so that the mean stays; sites differ', async () => {
    const found = await compute({ x: floats(new Float32Array(SIZE).fill(1), [40, 100]) }, (t, context) => {
      const next = dropoutSites(context, 0.25, SIZE, 3);
      return { a: next()(t['x']!), b: next()(t['x']!), c: next()(t['x']!) };
    });
    const sites = [found['a']!.data, found['b']!.data, found['c']!.data];
    for (const site of sites) {
      const kept = Array.from(site).filter((value) => value !== 0);
      for (const value of kept) expect(value).toBeCloseTo(4 / 3, 6);
      // Three standard deviations of a binomial share.
      expect(Math.abs(kept.length / SIZE - 0.75)).toBeLessThan(3 * Math.sqrt((0.25 * 0.75) / SIZE));
    }
    const agreement =
      Array.from(sites[0]!).filter((value, i) => (value === 0) === (sites[1]![i] === 0)).length / SIZE;
    // Independent masks agree with probability .75^2 + .25^2 = .625.
    expect(Math.abs(agreement - 0.625)).toBeLessThan(0.03);
  });

  test('does nothing in evaluation or at rate 0', async () => {
    const x = floats([1, 2, 3]);
    const found = await compute({ x }, (t, context) => ({
      evaluation: tf.clone(dropoutSites(null, 0.5, 3, 1)()(t['x']!)),
      zero: tf.clone(dropoutSites(context, 0, 3, 1)()(t['x']!)),
    }));
    expect(Array.from(found['evaluation']!.data)).toEqual([1, 2, 3]);
    expect(Array.from(found['zero']!.data)).toEqual([1, 2, 3]);
  });

  test('refuses more sites than were planned', async () => {
    const overdraw = compute({ x: floats([1]) }, (t, context) => {
      const next = dropoutSites(context, 0.5, 1, 1);
      next();
      return { y: next()(t['x']!) };
    });
    await expect(overdraw).rejects.toThrow('dropout was planned for 1 sites');
  });
});
