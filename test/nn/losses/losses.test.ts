import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { gateEntropy } from '../../../nn/layers/index.js';
import {
  expectedSteps,
  haltingLoss,
  haltingMasses,
  jensenShannon,
  klDivergence,
  ponderLoss,
  stepWeights,
  thresholdSteps,
  truncatedGeometric,
} from '../../../nn/losses/index.js';
import { expectClose, largestDifference } from '../../support/close.js';
import { describeOnEngines, floats, useCpuBackend } from '../../support/engines.js';
import { gaussianTensor, valueAndGradients } from '../../support/gradients.js';

const logit = (p: number): number => Math.log(p / (1 - p));

describeOnEngines('losses', (compute) => {
  test('gate entropy is .6931 at g = .5, .5004 at .2, and 0 when saturated', async () => {
    for (const [z, expected] of [
      [0, 0.693147],
      [logit(0.2), 0.500402],
      [80, 0],
      [-80, 0],
    ] as const) {
      const found = await compute({ z: floats([z]) }, (t) => ({
        h: gateEntropy(t['z']!, tf.sigmoid(t['z']!)),
      }));
      expectClose(found['h']!, [expected], 1e-5);
    }
  });

  test('rewarding entropy is worth more at g = .5 than at .9', async () => {
    const found = await compute({ a: floats([logit(0.9)]), b: floats([0]) }, (t) => {
      const loss = (z: Tensor): Tensor => tf.mul(gateEntropy(z, tf.sigmoid(z)), -0.001);
      return { a: loss(t['a']!), b: loss(t['b']!) };
    });
    expect(found['b']!.data[0]).toBeLessThan(found['a']!.data[0]!);
  });

  test('halting loss is the binary cross-entropy', async () => {
    const found = await compute({ l: floats([logit(0.8), logit(0.3)]), h: floats([1, 0]) }, (t) => ({
      loss: haltingLoss(t['l']!, t['h']!, tf.tensor1d([0.5, 0.5])),
    }));
    expectClose(found['loss']!, [-(Math.log(0.8) + Math.log(0.7)) / 2], 1e-5);
  });

  test('masses, expected steps and threshold steps of q = .5, .6, .9', async () => {
    const found = await compute({ q1: floats([0.5]), q2: floats([0.6]), q3: floats([0.9]) }, (t) => {
      const masses = haltingMasses([t['q1']!, t['q2']!, t['q3']!]);
      return {
        masses: tf.concat(masses),
        expected: expectedSteps(masses),
        at50: thresholdSteps(masses, 0.5),
        at79: thresholdSteps(masses, 0.79),
        at90: thresholdSteps(masses, 0.9),
      };
    });
    expectClose(found['masses']!, [0.5, 0.3, 0.2], 1e-6);
    expectClose(found['expected']!, [0.5 + 0.6 + 0.6], 1e-6);
    expectClose(found['at50']!, [1], 0);
    expectClose(found['at79']!, [2], 0);
    expectClose(found['at90']!, [3], 0);
  });

  test('KL and Jensen-Shannon divergence', async () => {
    const [p, q] = [
      [0.5, 0.3, 0.2],
      [0.2, 0.2, 0.6],
    ];
    const kl = (a: number[], b: number[]): number =>
      a.reduce((sum, value, i) => sum + value * Math.log(value / b[i]!), 0);
    const middle = p.map((value, i) => (value + q[i]!) / 2);
    const found = await compute({ p: floats(p, [1, 3]), q: floats(q, [1, 3]) }, (t) => {
      const [a, b] = [t['p'] as Tensor2D, t['q'] as Tensor2D];
      return {
        kl: klDivergence(tf.log(a), tf.log(b)),
        self: klDivergence(tf.log(a), tf.log(a)),
        js: jensenShannon(a, b),
        apart: jensenShannon(tf.tensor2d([[1, 0]]), tf.tensor2d([[0, 1]])),
      };
    });
    expectClose(found['kl']!, [kl(p, q)], 1e-5);
    expectClose(found['self']!, [0], 1e-6);
    expectClose(found['js']!, [(kl(p, middle) + kl(q, middle)) / 2], 1e-5);
    expectClose(found['apart']!, [Math.LN2], 1e-5);
  });
});

describe('PonderNet', () => {
  useCpuBackend();

  test('is the mixture of losses plus the divergence from the prior, with the gradients of the formula', () => {
    tf.tidy(() => {
      const nll = [2, 1.5, 1].map((value) => tf.tensor1d([value, value / 2]));
      const weights = tf.tensor1d([0.5, 0.5]);
      const prior = truncatedGeometric(0.4, 3);
      const massesOf = (logits: Tensor): Tensor[] => haltingMasses(tf.unstack(tf.sigmoid(logits)));
      const plain = (logits: Tensor): Tensor => {
        const terms = massesOf(logits).map((p, k) =>
          tf.add(tf.mul(p, nll[k]!), tf.mul(0.01, tf.mul(p, tf.log(tf.div(p, prior[k]!))))),
        );
        return tf.sum(tf.mul(weights, tf.addN(terms)));
      };
      const args = [gaussianTensor('q', [3, 2])];
      const found = valueAndGradients((l) => ponderLoss(massesOf(l!), nll, weights, 0.4, 0.01), args);
      const expected = valueAndGradients((l) => plain(l!), args);
      found.forEach((values, i) => expect(largestDifference(values, expected[i]!)).toBeLessThan(1e-5));
    });
  });

  test('the prior is a normalised geometric series', () => {
    const prior = truncatedGeometric(0.4, 3);
    expect(prior.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    expect(prior[1]! / prior[0]!).toBeCloseTo(0.6, 12);
  });
});

describe('weights of supervised steps', () => {
  it.each([
    [1, [1]],
    [2, [0.5, 1]],
    [3, [0.5, 0.75, 1]],
    [6, [0.5, 0.6, 0.7, 0.8, 0.9, 1]],
  ])('K = %i is in proportion to %j and sums to 1', (steps, raw) => {
    const total = raw.reduce((sum, value) => sum + value, 0);
    stepWeights(steps).forEach((weight, k) => expect(weight).toBeCloseTo(raw[k]! / total, 12));
  });
});
