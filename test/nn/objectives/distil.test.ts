import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { jest } from '@jest/globals';
import type { ForwardFunction, Objective } from '../../../core/contracts/objective.js';
import { DISTILLATION, distilled, nextToken } from '../../../nn/objectives/index.js';
import { useCpuBackend } from '../../support/engines.js';

/** A model whose weights are its logits [K, 1, T, 2]. */
const forward: ForwardFunction = (params) => ({
  features: params['logits'] as Tensor4D,
  head: tf.eye(2),
  ...{ halting: [], hidden: [], peaks: [], statistics: {} },
});

const odds = (a: number): number => 1 / (1 + Math.exp(-a));

/** KL of two tokens with the log-odds a and b of the first. */
function divergence(a: number, b: number): number {
  const [p, q] = [odds(a), odds(b)];
  return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
}

describe('distillation', () => {
  useCpuBackend();
  const value = (x: tf.Scalar | undefined): number => x!.dataSync()[0]!;
  const logits = (steps: readonly (readonly number[])[]): Tensor4D =>
    tf.tensor4d(steps.map((step) => [step.map((x) => [x, 0])]));
  const PAD = 9;
  const student = [
    [1, 2, 3],
    [0, -1, 1],
  ];
  const teacher = [
    [3, 0, 1],
    [1, 1, 1],
  ];
  /** The last place is filled up; only the second is to be predicted. */
  const given = (run: ForwardFunction = forward, params = { logits: logits(student) as Tensor }) => ({
    ...{ forward: run, context: null, extras: {}, params, reference: { logits: logits(teacher) } },
    batch: {
      ids: tf.tensor2d([[4, 5, PAD]], [1, 3], 'int32'),
      segments: tf.zeros([1, 3], 'int32'),
      targets: tf.tensor2d([[-100, 1, -100]], [1, 3], 'int32'),
    } as never,
  });
  const usual: Objective = nextToken();

  test.each([1, 2])(
    'at temperature %d, by hand: every token of text, each step by the same of the teacher',
    (T) => {
      const plain = usual(given());
      const result = distilled(usual, { weight: 0.5, temperature: T, pad: PAD })(given());
      const pairs = [[3, 1], [0, 2], [1, 0], [1, -1]] as const; // prettier-ignore
      const mean = pairs.reduce((sum, [a, b]) => sum + divergence(a / T, b / T) / 4, 0);
      expect(value(result.metrics[DISTILLATION])).toBeCloseTo(T * T * mean, 5);
      expect(value(result.loss) - value(plain.loss)).toBeCloseTo(0.5 * T * T * mean, 5);
      expect(value(result.metrics['loss/total'])).toBe(value(result.loss));
      expect(value(result.crossEntropy)).toBe(value(plain.crossEntropy));
    },
  );

  test('its gradient is T (softmax(student / T) - softmax(teacher / T)) of every token', () => {
    const T = 2;
    const free: Objective = ({ forward: run, params, batch }) => {
      run(params, { ids: batch.ids, segments: batch.segments });
      const zero = tf.scalar(0);
      return { loss: zero, crossEntropy: zero, accuracy: zero, metrics: {}, peaks: [] };
    };
    const [gradient] = tf.grads(
      (weights) =>
        distilled(free, { weight: 1, temperature: T, pad: PAD })(given(forward, { logits: weights! })).loss,
    )([logits(student)]);
    const found = [...gradient!.dataSync()].filter((_, i) => i % 2 === 0);
    const wanted = student.flatMap((step, k) =>
      step.map((x, t) => (t === 2 ? 0 : (T * (odds(x / T) - odds(teacher[k]![t]! / T))) / 4)),
    );
    wanted.forEach((one, i) => expect(found[i]).toBeCloseTo(one, 5));
  });

  test('a weight of 0 is the usual objective itself, which asks no teacher', () => {
    expect(distilled(usual, { weight: 0, temperature: 2, pad: PAD })).toBe(usual);
  });

  test('the teacher runs once, with its own weights as they are and without peaks', () => {
    const spy = jest.fn(forward);
    const input = given(spy);
    distilled(usual, { weight: 1, temperature: 2, pad: PAD })(input);
    expect(spy).toHaveBeenCalledTimes(2);
    const [pupil, master] = spy.mock.calls;
    expect(pupil![0]).toBe(input.params);
    expect(master![0]).toBe(input.reference);
    expect(master![2]).toEqual({ peaks: false });
  });

  test('rows of nothing but filling add nothing', () => {
    const input = given();
    const batch = { ...(input.batch as object), ids: tf.fill([1, 3], PAD, 'int32') } as never;
    const result = distilled(usual, { weight: 7, temperature: 1, pad: PAD })({ ...input, batch });
    expect(value(result.metrics[DISTILLATION])).toBe(0);
  });
});
