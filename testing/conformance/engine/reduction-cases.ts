import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import {
  binary,
  floats,
  integers,
  numbers,
  operator,
  truths,
  unary,
  type OperatorCase,
} from './operator-case.js';

const x = floats([2, 3, 4]);
const whole = integers([2, 3], [4, -1, 3, 4, 0, -7]);
const flags = truths([2, 3], [1, 0, 1, 1, 1, 1]);
const ties = numbers(1, 3, 3, 2, 3);

const reductions: readonly OperatorCase[] = [
  unary('sum of all', x, (tf, v) => tf.sum(v)),
  unary('sum over an axis', x, (tf, v) => tf.sum(v, 1)),
  unary('sum over axes, kept', x, (tf, v) => tf.sum(v, [0, 2], true)),
  unary('sum over the last axis', x, (tf, v) => tf.sum(v, -1)),
  unary('sum int32', whole, (tf, v) => tf.sum(v, 1)),
  unary('sum of truth values', flags, (tf, v) => tf.sum(v, 0)),
  unary('sum of a broadcast', floats([1, 4]), (tf, v) => tf.sum(tf.broadcastTo(v, [3, 4]), 0)),
  unary('mean', x, (tf, v) => tf.mean(v)),
  unary('mean over an axis, kept', x, (tf, v) => tf.mean(v, -1, true)),
  unary('mean int32', whole, (tf, v) => tf.mean(v, 0)),
  unary('max', x, (tf, v) => tf.max(v)),
  unary('max over an axis', x, (tf, v) => tf.max(v, 1)),
  unary('max over axes, kept', x, (tf, v) => tf.max(v, [1, 2], true)),
  unary('max int32', whole, (tf, v) => tf.max(v, 1)),
  unary('min over an axis', x, (tf, v) => tf.min(v, 2)),
  unary('min int32', whole, (tf, v) => tf.min(v)),
  unary('prod', floats([2, 3], 0.4, 1.1), (tf, v) => tf.prod(v)),
  unary('prod over an axis', floats([2, 3], 0.4, 1.1), (tf, v) => tf.prod(v, 1)),
  unary('prod int32', whole, (tf, v) => tf.prod(v, 1)),
  unary('all', flags, (tf, v) => tf.all(v, 1)),
  unary('any', truths([2, 3], [0, 0, 0, 0, 1, 0]), (tf, v) => tf.any(v, 1, true)),
  unary('argMax takes the first of equals', ties, (tf, v) => tf.argMax(v), { gradient: false }),
  unary('argMax over an axis', x, (tf, v) => tf.argMax(v, 1), { gradient: false }),
  unary('argMin', x, (tf, v) => tf.argMin(v, -1), { gradient: false }),
  unary('argMax int32', whole, (tf, v) => tf.argMax(v, 0)),
  unary('moments', x, (tf, v) => {
    const { mean, variance } = tf.moments(v, -1);
    return [mean, variance];
  }),
  unary('norm', x, (tf, v) => tf.norm(v, 2, -1)),
  unary('logSumExp', x, (tf, v) => tf.logSumExp(v, 1)),
];

const normalised: readonly OperatorCase[] = [
  unary('softmax', floats([2, 3, 4], 5), (tf, v) => tf.softmax(v)),
  unary('softmax with a mask', floats([2, 4], 3), (tf, v) =>
    tf.softmax(tf.where(tf.tensor2d([[1, 1, 0, 0]], [1, 4], 'bool'), v, -1e9)),
  ),
  unary('logSoftmax', floats([2, 3, 4], 5), (tf, v) => tf.logSoftmax(v)),
  unary('logSoftmax of large numbers', floats([2, 4], 300), (tf, v) => tf.logSoftmax(v)),
  operator('cross-entropy', { z: floats([3, 7], 4), y: integers([3], [2, 0, 6]) }, (tf, i) =>
    tf.neg(tf.mean(tf.sum(tf.mul(tf.oneHot(i['y']!, 7), tf.logSoftmax(i['z']!)), -1))),
  ),
  operator('RMS norm', { x: floats([3, 8]), g: floats([8], 0.2, 1) }, (tf, i) =>
    tf.mul(tf.mul(i['x']!, tf.rsqrt(tf.add(tf.mean(tf.square(i['x']!), -1, true), 1e-6))), i['g']!),
  ),
];

const scans: readonly OperatorCase[] = [
  unary('cumsum', x, (tf, v) => tf.cumsum(v, 2)),
  unary('cumsum along an inner axis', x, (tf, v) => tf.cumsum(v, 1), { gradient: false }),
  unary('cumsum exclusive', x, (tf, v) => tf.cumsum(v, 2, true)),
  unary('cumsum reverse', x, (tf, v) => tf.cumsum(v, 2, false, true)),
  unary('cumsum int32', whole, (tf, v) => tf.cumsum(v, 1)),
  unary('cumprod', x, (tf, v) => tf.cumprod(v, 2), { gradient: false }),
  unary('cumprod exclusive', x, (tf, v) => tf.cumprod(v, 2, true), { gradient: false }),
  unary('cumprod reverse', x, (tf, v) => tf.cumprod(v, 1, true, true), { gradient: false }),
  unary('topK', x, (tf, v) => Object.values(tf.topk(v, 2)), { gradient: false }),
  unary('topK of equals', ties, (tf, v) => Object.values(tf.topk(v, 3)), { gradient: false }),
];

const products: readonly OperatorCase[] = [
  ...(
    [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const
  ).flatMap(([ta, tb]) => [
    binary(
      `matMul ${ta ? 'transposed' : 'plain'} by ${tb ? 'transposed' : 'plain'}`,
      floats(ta ? [4, 3] : [3, 4]),
      floats(tb ? [5, 4] : [4, 5]),
      (tf, a, b) => tf.matMul(a, b, ta, tb),
    ),
    binary(
      `batched matMul ${ta ? 'transposed' : 'plain'} by ${tb ? 'transposed' : 'plain'}`,
      floats(ta ? [2, 4, 3] : [2, 3, 4]),
      floats(tb ? [2, 5, 4] : [2, 4, 5]),
      (tf, a, b) => tf.matMul(a, b, ta, tb),
    ),
  ]),
  binary(
    'matMul with a broadcast batch',
    floats([2, 3, 4]),
    floats([1, 4, 5]),
    (tf, a, b) => tf.matMul(a, b),
    { gradient: false },
  ),
  binary('matMul of rank 4', floats([2, 3, 2, 4]), floats([2, 3, 4, 5]), (tf, a, b) => tf.matMul(a, b)),
  binary('matMul of a transposed tensor', floats([4, 3]), floats([4, 5]), (tf, a, b) =>
    tf.matMul(tf.transpose(a), b),
  ),
  binary('matMul of attention heads', floats([2, 5, 3, 4]), floats([2, 5, 3, 4]), (tf, a, b) =>
    tf.matMul(tf.transpose(a, [0, 2, 1, 3]), tf.transpose(b, [0, 2, 1, 3]), false, true),
  ),
  binary('dot', floats([4]), floats([4]), (tf, a, b) => tf.dot(a, b)),
  binary('outerProduct', floats([3]), floats([4]), (tf, a, b) => tf.outerProduct(a.as1D(), b.as1D())),
  operator('fused matMul', { a: floats([3, 4]), b: floats([4, 5]), c: floats([5]) }, (tf, i) =>
    tf.fused.matMul({ a: i['a'] as Tensor2D, b: i['b'] as Tensor2D, bias: i['c']!, activation: 'relu' }),
  ),
  operator('fused matMul of a transpose', { a: floats([4, 3]), b: floats([4, 5]) }, (tf, i) =>
    tf.fused.matMul({ a: i['a'] as Tensor2D, b: i['b'] as Tensor2D, transposeA: true }),
  ),
  binary(
    'einsum',
    floats([2, 3, 4]),
    floats([2, 5, 4]),
    (tf, a, b) => tf.einsum('bij,bkj->bik', a as Tensor3D, b as Tensor3D),
    { gradient: false },
  ),
];

/** Operators that combine elements. */
export const reductionCases: readonly OperatorCase[] = [...reductions, ...normalised, ...scans, ...products];
