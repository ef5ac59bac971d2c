import * as tf from '@tensorflow/tfjs';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { ForwardFunction } from '../../../core/contracts/objective.js';
import { DISTILLATION, nextToken, softTargets } from '../../../nn/objectives/index.js';
import { useCpuBackend } from '../../support/engines.js';

/** A model whose weights are its logits [K, 1, T, 2], and which halts by a weight of its own. */
const forward: ForwardFunction = (params) => ({
  features: params['logits'] as Tensor4D,
  head: tf.eye(2),
  halting: [tf.tile(params['halt']!, [1, 3]), tf.tile(params['halt']!, [1, 3])] as never,
  ...{ hidden: [], peaks: [], statistics: {} },
});

const odds = (a: number): number => 1 / (1 + Math.exp(-a));

/** KL of two tokens with the log-odds a and b of the first. */
function divergence(a: number, b: number): number {
  const [p, q] = [odds(a), odds(b)];
  return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
}

describe('soft targets', () => {
  useCpuBackend();
  const value = (x: tf.Scalar | undefined): number => x!.dataSync()[0]!;
  const logits = (steps: readonly (readonly number[])[]): Tensor4D =>
    tf.tensor4d(steps.map((step) => [step.map((x) => [x, 0])]));
  const student = [
    [1, 2, 3],
    [0, -1, 1],
  ];
  const teacher = [
    [3, 0, 1],
    [1, 1, 1],
  ];
  const halt = () => tf.tensor2d([[0.3]]);
  const given = (own: Tensor4D, halting = halt()) => ({
    ...{ forward, context: null, extras: {}, params: { logits: own, halt: halting } },
    reference: { logits: logits(teacher), halt: halt() },
    batch: {
      ids: tf.zeros([1, 3], 'int32'),
      segments: tf.zeros([1, 3], 'int32'),
      targets: tf.tensor2d([[-100, 1, 0]], [1, 3], 'int32'),
    } as never,
  });

  test('are the mean divergence of tokens with a target, each step by the same of the teacher, by hand', () => {
    const plain = nextToken()(given(logits(student)));
    const result = softTargets(nextToken())(given(logits(student)));
    const pairs = [[0, 2], [1, 3], [1, -1], [1, 1]] as const; // prettier-ignore
    const mean = pairs.reduce((sum, [a, b]) => sum + divergence(a, b) / 4, 0);
    expect(value(result.loss)).toBeCloseTo(mean, 5);
    expect(value(result.metrics[DISTILLATION])).toBeCloseTo(mean, 5);
    expect(value(result.metrics['loss/total'])).toBe(value(result.loss));
    expect(value(result.crossEntropy)).toBe(value(plain.crossEntropy));
  });

  test('of an unchanged model are 0, and so is every gradient', () => {
    const gradients = tf.valueAndGrads(
      (own, halting) => softTargets(nextToken())(given(own as Tensor4D, halting as tf.Tensor2D)).loss,
    );
    const { value: loss, grads } = gradients([logits(teacher), halt()]);
    expect(value(loss)).toBeCloseTo(0, 6);
    for (const gradient of grads) for (const one of gradient.dataSync()) expect(one).toBeCloseTo(0, 6);
  });

  test('leave alone what the usual loss alone leads to', () => {
    const [own, halting] = tf.grads(
      (a, b) => softTargets(nextToken())(given(a as Tensor4D, b as tf.Tensor2D)).loss,
    )([logits(student), halt()]);
    expect(Math.max(...own!.dataSync().map(Math.abs))).toBeGreaterThan(0.01);
    expect(halting!.dataSync()[0]).toBeCloseTo(0, 12);
  });
});
