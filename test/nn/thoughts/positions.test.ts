import * as tf from '@tensorflow/tfjs';
import { specsOf } from '../../../nn/training/index.js';
import { inGroup } from '../../../nn/training/state.js';
import { stream } from '../../../nn/random/index.js';
import {
  choosePlaces,
  entropySource,
  entropyThreshold,
  thinkablePlaces,
  type TextRows,
  type ThoughtShape,
} from '../../../nn/thoughts/index.js';
import { answerLogits } from '../../../nn/models/index.js';
import { largestDifference } from '../../support/close.js';
import { openTestEngine } from '../../support/training.js';
import { toTensors } from '../../support/titans-mag.js';
import { useCpuBackend } from '../../support/engines.js';
import { MODELS, thoughtRows } from './support.js';

const SHAPE: ThoughtShape = { base: 16, positions: 4, thoughts: 1, length: 1, talk: 2 };

/** One row of two documents, 0..9 and 10..15; the first three tokens of the first are a question. */
function text(): TextRows {
  const ids = Int32Array.from({ length: 16 }, (_, i) => i);
  return {
    ids,
    targets: ids.map((i) => (i < 2 || i === 9 || i === 15 ? -100 : i + 1)),
    segments: ids.map((i) => (i < 10 ? 0 : 1)),
  };
}

describe('where the model thinks', () => {
  useCpuBackend();

  test('a place has its talk in its document, and something to predict', () => {
    expect(thinkablePlaces(SHAPE, text(), 0)).toEqual([2, 3, 4, 5, 6, 7, 10, 11, 12, 13]);
  });

  test('the most unsure ones at least three apart, without chance', () => {
    const entropy = new Float32Array(16);
    entropy.set([0.9, 0.8, 0.7], 4); // 4 > 5 > 6: 5 and 6 are too near
    entropy[12] = 0.6;
    entropy[0] = 1; // not thinkable
    const found = choosePlaces(SHAPE, text(), entropy, stream(1, 'places'), { randomShare: 0 });
    // 4, 12, then equal ones by their order: 2 and 3 are near 4; 7; 13 and the others are near 12.
    expect(Array.from(found.places)).toEqual([4, 7, 12, 0]);
    expect(Array.from(found.valid)).toEqual([1, 1, 1, 0]);
    expect(Array.from(found.random)).toEqual([0, 0, 0, 0]);
  });

  test('where answers begin before all others, if it is asked for; the first token of a text is not an answer', () => {
    const entropy = new Float32Array(16);
    entropy.set([0.9, 0.8], 5);
    const options = { randomShare: 0, answersFirst: true };
    const found = choosePlaces(SHAPE, text(), entropy, stream(1, 'places'), options);
    // The answer of the first document begins after 2; then 5; of equal ones, 10 is the next that is far enough.
    expect(Array.from(found.places)).toEqual([2, 5, 10, 13]);
    const one = { ...SHAPE, positions: 1 };
    expect(choosePlaces(one, text(), entropy, stream(1, 'places'), options).places[0]).toBe(2);
    expect(choosePlaces(one, text(), entropy, stream(1, 'places'), { randomShare: 0 }).places[0]).toBe(5);
  });

  test('a quarter by chance, equally often everywhere, the same for the same seed', () => {
    const entropy = Float32Array.from({ length: 16 }, (_, i) => i / 16);
    const counts = new Map<number, number>();
    for (let seed = 0; seed < 400; seed++) {
      const found = choosePlaces(SHAPE, text(), entropy, stream(seed, 'places'));
      const places = Array.from(found.places).filter((_, p) => found.valid[p] === 1);
      places.forEach((place, p) => {
        if (p > 0) expect(place - places[p - 1]!).toBeGreaterThanOrEqual(3);
      });
      expect(found.random.reduce((sum, each) => sum + each, 0)).toBe(1);
      const chance = found.places[found.random.indexOf(1)]!;
      counts.set(chance, (counts.get(chance) ?? 0) + 1);
      expect(choosePlaces(SHAPE, text(), entropy, stream(seed, 'places'))).toEqual(found);
    }
    // 400 draws among 10: 40 +- 6 each.
    expect(counts.size).toBe(10);
    for (const count of counts.values()) expect(Math.abs(count - 40)).toBeLessThan(25);
  });

  test('the entropy program agrees with the softmax of all logits', async () => {
    const { architecture, config, weights, forward } = await MODELS['titans-mag']!();
    const { ids, segments } = thoughtRows({ ...SHAPE, positions: 1 }, [0, 0], [7]);
    const engine = await openTestEngine();
    const { fn, spec } = entropySource({ architecture, config, specs: specsOf(weights) }, 2, 16);
    const program = await engine.compile(fn, spec);
    const state = await engine.createState(inGroup('param', weights));
    const found = await program.run({ ids: ids.data, segments: segments.data }, { state });
    await engine.dispose();
    const expected = tf.tidy(() => {
      const input = toTensors({ ids, segments }) as Record<'ids' | 'segments', tf.Tensor2D>;
      const logP = tf.logSoftmax(answerLogits(forward(toTensors(weights), input)));
      return tf.div(tf.sum(tf.mul(tf.exp(logP), logP), 2), -Math.log(48)).dataSync();
    });
    expect(found['entropy']!.shape).toEqual([2, 16]);
    expect(largestDifference(found['entropy']!.data, expected)).toBeLessThan(1e-5);
    expect(Math.max(...expected)).toBeLessThanOrEqual(1);
  });

  test('three in ten places are above the threshold', () => {
    const entropies = Float32Array.from({ length: 10 }, (_, i) => i / 10);
    expect(entropyThreshold(entropies)).toBeCloseTo(0.7, 6);
    expect(entropies.filter((entropy) => entropy >= entropyThreshold(entropies))).toHaveLength(3);
  });
});
