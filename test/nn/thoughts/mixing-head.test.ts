import * as tf from '@tensorflow/tfjs';
import { initializeWeights } from '../../../nn/models/index.js';
import {
  featureWidth,
  mixFeatures,
  mixingTensors,
  mixingWeight,
  selectionTensors,
  selectThoughts,
} from '../../../nn/thoughts/index.js';
import { useCpuBackend } from '../../support/engines.js';
import { gaussianTensor } from '../../support/gradients.js';
import { toTensors } from '../../support/titans-mag.js';
import { MODELS } from './support.js';

describe('the mixing head', () => {
  useCpuBackend();

  test('unbounded it begins at 0, where the mix is the text alone to the bit', () => {
    const params = toTensors(initializeWeights(mixingTensors(4, { bounded: false }), 1));
    const [before, talk] = [gaussianTensor('h0', [2, 3, 4]), gaussianTensor('h1', [2, 3, 4])];
    const weight = mixingWeight(before, talk, params);
    expect(weight.shape).toEqual([2, 3, 1]);
    expect(Array.from(weight.dataSync())).toEqual([0, 0, 0, 0, 0, 0]);
    expect(mixFeatures(before, talk, weight).dataSync()).toEqual(before.dataSync());
  });

  test('bounded it begins at sigmoid(-2.2)', () => {
    const params = toTensors(initializeWeights(mixingTensors(4, { bounded: true }), 1));
    const weight = mixingWeight(gaussianTensor('h0', [1, 4]), gaussianTensor('h1', [1, 4]), params);
    expect(weight.dataSync()[0]).toBeCloseTo(1 / (1 + Math.exp(2.2)), 6);
  });

  test('is three linear layers with ReLU, by hand', () => {
    const params = {
      'thought.mixing.first': tf.tensor2d([[1], [2]]),
      'thought.mixing.first_bias': tf.tensor1d([-1]),
      'thought.mixing.second': tf.tensor2d([[3]]),
      'thought.mixing.second_bias': tf.tensor1d([0.5]),
      'thought.mixing.out': tf.tensor2d([[-0.25]]),
    };
    const weight = (a: number, b: number): number =>
      mixingWeight(tf.tensor2d([[a]]), tf.tensor2d([[b]]), params).dataSync()[0]!;
    // relu(1 + 4 - 1) = 4; relu(12.5) = 12.5; -3.125. Nothing bounds it.
    expect(weight(1, 2)).toBeCloseTo(-3.125, 5);
    // relu(-2 - 1) = 0; relu(0.5); -0.125
    expect(weight(-2, 0)).toBeCloseTo(-0.125, 5);
    const mixed = mixFeatures(tf.tensor2d([[10]]), tf.tensor2d([[20]]), tf.tensor2d([[0.25]]));
    expect(mixed.dataSync()[0]).toBeCloseTo(12.5, 5);
  });

  test.each(Object.entries(MODELS))('knows the width of what the head of %s reads', async (_name, open) => {
    const { architecture, config, forward, weights } = await open();
    const input = { ids: tf.zeros([1, 2], 'int32'), segments: tf.zeros([1, 2], 'int32') } as const;
    const pass = forward(toTensors(weights), {
      ids: input.ids as tf.Tensor2D,
      segments: input.segments as tf.Tensor2D,
    });
    expect(featureWidth(architecture, config)).toBe(pass.features.shape[3]);
  });

  test('chooses thoughts by their coherence until it has learnt more, then by query and key', () => {
    const talk = tf.tensor3d([
      [
        [1, 0],
        [0, 1],
      ],
    ]);
    const before = tf.tensor2d([[2, 0]]);
    const coherence = tf.tensor2d([[Math.log(3), 0]]);
    const fresh = toTensors(initializeWeights(selectionTensors(2), 1));
    const first = selectThoughts(before, talk, coherence, fresh);
    expect(first.shares.dataSync()[0]).toBeCloseTo(0.75, 6);
    expect(first.talk.dataSync()[1]).toBeCloseTo(0.25, 6);
    const learnt = { 'thought.selection.query': tf.eye(2), 'thought.selection.key': tf.eye(2) };
    // Scores 2 / sqrt 2 and 0, and the coherence.
    const odds = 3 * Math.exp(Math.SQRT2);
    expect(selectThoughts(before, talk, coherence, learnt).shares.dataSync()[0]).toBeCloseTo(
      odds / (odds + 1),
      6,
    );
  });
});
