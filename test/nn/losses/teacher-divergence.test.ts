import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { klDivergence, teacherDivergence } from '../../../nn/losses/index.js';
import { describeOnEngines, floats, integers } from '../../support/engines.js';

/** Softmax by hand. */
function probabilities(logits: readonly number[]): number[] {
  const total = logits.reduce((sum, value) => sum + Math.exp(value), 0);
  return logits.map((value) => Math.exp(value) / total);
}

function divergence(teacher: readonly number[], student: readonly number[]): number {
  const [p, q] = [probabilities(teacher), probabilities(student)];
  return p.reduce((sum, value, i) => sum + value * Math.log(value / q[i]!), 0);
}

describeOnEngines('divergence of two linear heads', (compute) => {
  const EYE = floats([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]);

  test('by hand: forward, whole vocabulary, weighted', async () => {
    const [p0, p1] = [
      [2, 0, 0],
      [0, 1, -1],
    ] as const;
    const [q0, q1] = [
      [0, 0, 0],
      [1, 1, 0.5],
    ] as const;
    const out = await compute(
      {
        p: floats([...p0, ...p1], [2, 3]),
        q: floats([...q0, ...q1], [2, 3]),
        eye: EYE,
        targets: integers([0, -100]),
        weights: floats([0.25, 0.75]),
      },
      ({ p, q, eye, targets, weights }) => {
        const {
          loss,
          divergence: each,
          nll,
          correct,
        } = teacherDivergence({
          student: { features: q as Tensor2D, table: eye as Tensor2D },
          teacher: { features: p as Tensor2D, table: eye as Tensor2D },
          targets: targets as Tensor1D,
          weights: weights as Tensor1D,
        });
        return { loss, each, nll, correct };
      },
    );
    const expected = [divergence(p0, q0), divergence(p1, q1)];
    // KL((e^2, 1, 1) / (e^2 + 2) || uniform) = 2 e^2 / (e^2 + 2) - ln(e^2 + 2) + ln 3.
    const e2 = Math.exp(2);
    expect(expected[0]).toBeCloseTo((2 * e2) / (e2 + 2) - Math.log(e2 + 2) + Math.log(3), 12);
    expect(out['each']!.data[0]).toBeCloseTo(expected[0]!, 5);
    expect(out['each']!.data[1]).toBeCloseTo(expected[1]!, 5);
    expect(out['loss']!.data[0]).toBeCloseTo(0.25 * expected[0]! + 0.75 * expected[1]!, 5);
    expect(out['nll']!.data[0]).toBeCloseTo(Math.log(3), 5);
    expect(out['correct']!.data[0]).toBe(1);
  });

  // More tokens than a chunk holds.
  test.each([5, 1030])('of %i tokens has the value and the gradients of the plain formula', async (rows) => {
    const numbers = (count: number, shift: number): number[] =>
      Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + shift));
    const inputs = {
      h: floats(numbers(rows * 2, 0), [rows, 2]),
      e: floats(numbers(8, 1), [4, 2]),
      th: floats(numbers(rows * 3, 2), [rows, 3]),
      te: floats(numbers(12, 3), [4, 3]),
      targets: integers(Array.from({ length: rows }, (_, i) => i % 4)),
      weights: floats(Array.from({ length: rows }, (_, i) => (i % 3) / rows)),
    };
    const out = await compute(inputs, ({ h, e, th, te, targets, weights }) => {
      const linear = (a: Tensor, b: Tensor): Scalar =>
        teacherDivergence({
          student: { features: a as Tensor2D, table: b as Tensor2D },
          teacher: { features: th as Tensor2D, table: te as Tensor2D },
          targets: targets as Tensor1D,
          weights: weights as Tensor1D,
        }).loss;
      const plain = (a: Tensor, b: Tensor): Scalar => {
        const student = tf.matMul(a as Tensor2D, b as Tensor2D, false, true) as Tensor2D;
        const teacher = tf.matMul(th as Tensor2D, te as Tensor2D, false, true) as Tensor2D;
        return tf.sum(tf.mul(weights!, klDivergence(teacher, student))) as Scalar;
      };
      const found = tf.valueAndGrads(linear)([h!, e!]);
      const expected = tf.valueAndGrads(plain)([h!, e!]);
      return {
        ...{ value: found.value, dh: found.grads[0]!, de: found.grads[1]! },
        ...{ value2: expected.value, dh2: expected.grads[0]!, de2: expected.grads[1]! },
      };
    });
    for (const name of ['value', 'dh', 'de'])
      out[name]!.data.forEach((value, i) => expect(value).toBeCloseTo(out[`${name}2`]!.data[i]!, 5));
    expect(out['de']!.data.some((value) => Math.abs(value) > 1e-3)).toBe(true);
  });
});
