import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { embeddingLookup, linear } from '../../../nn/layers/index.js';
import { operatorOf, withOperator } from '../../../nn/layers/matrix-operator.js';
import { useCpuBackend } from '../../support/engines.js';

describe('a matrix with an operator', () => {
  useCpuBackend();
  const matrix = () => tf.zeros([3, 2]) as Tensor2D;

  test('is multiplied by it, its bias added; leading axes come back', () => {
    const seen: number[][] = [];
    const weight = withOperator(matrix(), {
      multiply: (x) => {
        seen.push(x.shape);
        return tf.slice(x, [0, 0], [-1, 2]);
      },
    });
    const y = linear(tf.reshape(tf.range(0, 12), [2, 2, 3]), weight, tf.tensor1d([100, 200]));
    expect(seen).toEqual([[4, 3]]);
    expect(y.shape).toEqual([2, 2, 2]);
    expect([...y.dataSync()]).toEqual([100, 201, 103, 204, 106, 207, 109, 210]);
  });

  test('gives its rows by it', () => {
    const rows = (ids: Tensor1D): Tensor2D => tf.oneHot(ids, 2) as Tensor2D;
    const found = embeddingLookup(withOperator(matrix(), { rows }), tf.tensor2d([[1, 0]], [1, 2], 'int32'));
    expect(found.shape).toEqual([1, 2, 2]);
    expect([...found.dataSync()]).toEqual([0, 1, 1, 0]);
  });

  test('a plain one, and a copy of one that has one, have none', () => {
    const weight = withOperator(matrix(), { multiply: () => tf.ones([1, 2]) });
    expect(operatorOf(matrix())).toEqual({});
    expect(operatorOf(weight.clone())).toEqual({});
    expect([...linear(tf.ones([1, 3]), matrix()).dataSync()]).toEqual([0, 0]);
  });
});
