import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { inFullPrecision, inLowPrecision, roundedTo } from '../../../nn/precision/index.js';
import { stream } from '../../../nn/random/index.js';
import { describeOnEngines, floats } from '../../support/engines.js';

const random = stream(1, 'products');
const matrix = (rows: number, columns: number) =>
  floats(
    Float32Array.from({ length: rows * columns }, () => random.normal()),
    [rows, columns],
  );
const inputs = { a: matrix(3, 4), b: matrix(4, 2), c: matrix(3, 2) };
type Matrices = Record<'a' | 'b' | 'c', Tensor2D>;
const low = <T extends Tensor>(x: T): T => roundedTo(x, 'bf16');

describeOnEngines('products in a low format', (compute) => {
  test('round their inputs, and nothing else is rounded', async () => {
    const found = await compute(inputs, (tensors) => {
      const { a, b, c } = tensors as Matrices;
      return {
        product: inLowPrecision('bf16', () => tf.matMul(a, b)),
        sum: inLowPrecision('bf16', () => tf.softmax(tf.add(c, 1))),
        expected: tf.matMul(low(a), low(b)),
        plain: tf.matMul(a, b),
        plainSum: tf.softmax(tf.add(c, 1)),
      };
    });
    expect(found['product']!.data).toEqual(found['expected']!.data);
    expect(found['product']!.data).not.toEqual(found['plain']!.data);
    expect(found['sum']!.data).toEqual(found['plainSum']!.data);
  });

  test('gradients are those of the rounded product, of gradients that are rounded too', async () => {
    const found = await compute(inputs, (tensors) => {
      const { a, b, c } = tensors as Matrices;
      const [da, db] = inLowPrecision('bf16', () =>
        tf.grads((x, y) => tf.sum(tf.mul(tf.matMul(x as Tensor2D, y as Tensor2D), c)))([a, b]),
      );
      return {
        da: da!,
        db: db!,
        expectedA: tf.matMul(low(c), low(b), false, true),
        expectedB: tf.matMul(low(a), low(c), true, false),
      };
    });
    expect(found['da']!.data).toEqual(found['expectedA']!.data);
    expect(found['db']!.data).toEqual(found['expectedB']!.data);
  });

  test('what says so keeps its precision, within and outside', async () => {
    const found = await compute(inputs, (tensors) => {
      const { a, b } = tensors as Matrices;
      const product = (): Tensor2D => tf.matMul(a, b);
      const within = inLowPrecision('bf16', () => ({
        full: inFullPrecision(product),
        after: product(),
      }));
      return {
        ...within,
        outside: inFullPrecision(product),
        plain: product(),
        low: tf.matMul(low(a), low(b)),
      };
    });
    for (const name of ['full', 'outside']) expect(found[name]!.data).toEqual(found['plain']!.data);
    expect(found['after']!.data).toEqual(found['low']!.data);
  });

  test('are over when the work ends, however it ends', async () => {
    const found = await compute(inputs, (tensors) => {
      const { a, b } = tensors as Matrices;
      const plain = tf.matMul(a, b);
      expect(() =>
        inLowPrecision('fp16', () => {
          throw new Error('broken off');
        }),
      ).toThrow('broken off');
      return { plain, after: tf.matMul(a, b) };
    });
    expect(found['after']!.data).toEqual(found['plain']!.data);
    expect(Object.hasOwn(tf.engine(), 'runKernel')).toBe(false);
  });
});
