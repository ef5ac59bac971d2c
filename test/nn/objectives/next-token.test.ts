import * as tf from '@tensorflow/tfjs';
import type { Batch, Forward } from '../../../core/contracts/architecture.js';
import type { ObjectiveResult } from '../../../core/contracts/objective.js';
import { NEXT_TOKEN, nextToken, type NextTokenOptions } from '../../../nn/objectives/index.js';
import { useCpuBackend } from '../../support/engines.js';

const VOCABULARY = 4;

/** A pass whose logits are given outright: K steps of one row of two tokens. */
function passOf(logits: readonly number[][][], extra: Partial<Forward> = {}): Forward {
  return {
    features: tf.tensor4d(logits.map((step) => [step])),
    head: tf.eye(VOCABULARY),
    halting: [],
    hidden: [],
    peaks: [],
    statistics: {},
    ...extra,
  };
}

function lossOf(
  pass: Forward,
  targets: readonly number[],
  options?: NextTokenOptions,
  unrolled: { readonly steps?: number } = {},
): ObjectiveResult {
  const row = (values: readonly number[]): tf.Tensor2D => tf.tensor2d([...values], [1, 2], 'int32');
  const batch: Batch = { ids: row([0, 0]), targets: row(targets), segments: row([0, 0]) };
  const forward = (): Forward => pass;
  return nextToken(options)({
    forward,
    params: {},
    batch,
    extras: {},
    reference: {},
    context: null,
    ...unrolled,
  });
}

const number = (value: tf.Scalar): number => value.dataSync()[0]!;
/** -ln softmax of [1, 0, 0, 0] at the first place, and at another. */
const RIGHT = Math.log(Math.E + 3) - 1;
const WRONG = Math.log(Math.E + 3);
const SURE = [1, 0, 0, 0];

describe('next-token objective', () => {
  useCpuBackend();

  test('of a model of one step that does not halt is plain cross-entropy over valid targets', () => {
    const result = lossOf(passOf([[SURE, SURE]]), [0, 2]);
    expect(number(result.loss)).toBeCloseTo((RIGHT + WRONG) / 2, 5);
    expect(number(result.accuracy)).toBeCloseTo(0.5, 6);
    expect(number(lossOf(passOf([[SURE, SURE]]), [0, -100]).loss)).toBeCloseTo(RIGHT, 5);
    expect(Object.keys(result.metrics)).not.toContain('loss/act');
  });

  test('weighs the steps as told, and asks for one weight per step', () => {
    const pass = passOf([
      [SURE, SURE],
      [
        [0, 1, 0, 0],
        [0, 1, 0, 0],
      ],
    ]);
    const weighed = (stepWeights: readonly number[]): number =>
      number(lossOf(pass, [0, 0], { ...NEXT_TOKEN, stepWeights }).loss);
    expect(weighed([1, 0])).toBeCloseTo(RIGHT, 5);
    expect(weighed([1, 3])).toBeCloseTo(0.25 * RIGHT + 0.75 * WRONG, 5);
    // 0.5 rising to 1, normalised: 1/3 and 2/3.
    expect(number(lossOf(pass, [0, 0]).loss)).toBeCloseTo(RIGHT / 3 + (2 * WRONG) / 3, 5);
    for (const stepWeights of [[1], [0, 0], [1, 1, 1]])
      expect(() => weighed(stepWeights)).toThrow(expect.objectContaining({ code: 'AF_CONFIG_INVALID' }));
  });

  test('weighs the steps that are unrolled among themselves', () => {
    const pass = passOf([
      [SURE, SURE],
      [
        [0, 1, 0, 0],
        [0, 1, 0, 0],
      ],
    ]);
    const weighed = (stepWeights: readonly number[] | null, steps?: number): ObjectiveResult =>
      lossOf(pass, [0, 0], { ...NEXT_TOKEN, stepWeights }, steps === undefined ? {} : { steps });
    // The first two of three weights: 1/4 and 3/4.
    expect(number(weighed([1, 3, 9], 2).loss)).toBeCloseTo(0.25 * RIGHT + 0.75 * WRONG, 5);
    expect(number(weighed(null, 2).loss)).toBeCloseTo(RIGHT / 3 + (2 * WRONG) / 3, 5);
    expect(Object.keys(weighed(null, 2).metrics)).not.toContain('loss/step_2');
    for (const [weights, steps] of [[[1], 2], [[0, 0, 1], 2], [[1, 3, 9]]] as const)
      expect(() => weighed(weights, steps)).toThrow(expect.objectContaining({ code: 'AF_CONFIG_INVALID' }));
  });

  test('adds statistics by name, where the model reports them', () => {
    const pass = passOf([[SURE, SURE]], { statistics: { 'gate/entropy': tf.scalar(0.5) } });
    const statisticWeights = { 'gate/entropy': -0.1, 'none/such': 7 };
    const { loss, metrics } = lossOf(pass, [0, 0], { ...NEXT_TOKEN, statisticWeights });
    expect(number(loss)).toBeCloseTo(RIGHT - 0.05, 5);
    expect(number(metrics['loss/gate_entropy']!)).toBeCloseTo(-0.05, 6);
  });

  test('trains halting by whether a step is right: softplus(l) - l h', () => {
    const halting = [tf.tensor2d([[0.3, -0.2]])];
    const options = { ...NEXT_TOKEN, halting: { ...NEXT_TOKEN.halting, weight: 2, entropyWeight: 0 } };
    const { metrics } = lossOf(passOf([[SURE, SURE]], { halting }), [0, 2], options);
    const softplus = (x: number): number => Math.log1p(Math.exp(x));
    // The first token is right (h = 1), the second is not.
    expect(number(metrics['loss/act']!)).toBeCloseTo(softplus(0.3) - 0.3 + softplus(-0.2), 5);
  });
});
