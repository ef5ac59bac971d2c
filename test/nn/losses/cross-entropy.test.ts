import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { IGNORED_TARGET, linearCrossEntropy, meanWeights } from '../../../nn/losses/index.js';
import { stream } from '../../../nn/random/index.js';
import { expectClose, largestDifference } from '../../support/close.js';
import { describeOnEngines, floats, integers, useCpuBackend } from '../../support/engines.js';
import { gaussianTensor, valueAndGradients } from '../../support/gradients.js';

describeOnEngines('cross-entropy of a linear head', (compute) => {
  const scores = async (features: number[], table: number[], targets: number[]) => {
    const rows = targets.length;
    const width = features.length / rows;
    const inputs = {
      h: floats(features, [rows, width]),
      e: floats(table, [table.length / width, width]),
      t: integers(targets),
    };
    return compute(inputs, (t) => {
      const result = linearCrossEntropy({
        features: t['h'] as Tensor2D,
        table: t['e'] as Tensor2D,
        targets: t['t'] as Tensor1D,
        weights: meanWeights(t['t'] as Tensor1D),
      });
      return { loss: result.loss, nll: result.nll, correct: result.correct };
    });
  };

  test('uniform logits cost ln V, and every token counts as right', async () => {
    const found = await scores([0, 0], [1, 2, 3, 4], [1, 3]);
    expectClose(found['loss']!, [Math.log(4)], 1e-6);
    expectClose(found['correct']!, [1, 1], 0);
  });

  test('stays exact where probabilities underflow', async () => {
    const found = await scores([1, 1], [1000, 0, -1000], [0, 2]);
    expectClose(found['nll']!, [0, 2000], 1e-3);
    expectClose(found['correct']!, [1, 0], 0);
  });

  test('ignored targets count nothing, and a batch of nothing costs nothing', async () => {
    const mixed = await scores([5, -5, 7], [1, -1], [0, IGNORED_TARGET, 1]);
    const [right, wrong] = [Math.log1p(Math.exp(-10)), 14 + Math.log1p(Math.exp(-14))];
    expectClose(mixed['loss']!, [(right + wrong) / 2], 1e-5);
    const nothing = await scores([5, 7], [1, -1], [IGNORED_TARGET, IGNORED_TARGET]);
    expectClose(nothing['loss']!, [0], 0);
  });
});

describe('gradients of the chunked head', () => {
  useCpuBackend();
  const VOCABULARY = 7;
  const WIDTH = 3;

  function targetsOf(rows: number): Tensor1D {
    const numbers = stream(1, 'targets');
    const ids = Int32Array.from({ length: rows }, () =>
      numbers.uniform() < 0.2 ? IGNORED_TARGET : numbers.integer(VOCABULARY),
    );
    return tf.tensor1d(ids, 'int32');
  }

  const plain = (h: Tensor, e: Tensor, targets: Tensor1D, weights: Tensor1D): Tensor => {
    const logProbabilities = tf.logSoftmax(tf.matMul(h, e, false, true) as Tensor2D);
    const oneHot = tf.oneHot(tf.maximum(targets, tf.scalar(0, 'int32')), VOCABULARY);
    const nll = tf.neg(tf.sum(tf.mul(oneHot, logProbabilities), 1));
    return tf.sum(tf.mul(nll, tf.where(tf.greaterEqual(targets, 0), weights, tf.zerosLike(weights))));
  };

  // One chunk, exactly one full chunk, and several with a short last one.
  test.each([5, 1024, 2500])('%i tokens agree with automatic differentiation of all logits', (rows) => {
    tf.tidy(() => {
      const targets = targetsOf(rows);
      const weights = tf.abs(gaussianTensor('weights', [rows], 1 / rows)) as Tensor1D;
      const args = [gaussianTensor('h', [rows, WIDTH]), gaussianTensor('e', [VOCABULARY, WIDTH])];
      const ours = (h: Tensor, e: Tensor): Tensor =>
        linearCrossEntropy({ features: h as Tensor2D, table: e as Tensor2D, targets, weights }).loss;
      const found = valueAndGradients((h, e) => ours(h!, e!), args);
      const expected = valueAndGradients((h, e) => plain(h!, e!, targets, weights), args);
      found.forEach((values, i) => expect(largestDifference(values, expected[i]!)).toBeLessThan(1e-5));
    });
  });
});
