import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { ForwardFunction, ObjectiveInput } from '../../../core/contracts/objective.js';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import { middleLayer, nextToken, SELF_MODEL_ERROR, selfModel } from '../../../nn/objectives/index.js';
import { useCpuBackend } from '../../support/engines.js';

/** A model whose weights are what it gives: features [K, 1, T, 2], and [1, T, 2] of each of three layers. */
const forward: ForwardFunction = (params, _, options) => ({
  features: params['features'] as Tensor4D,
  head: tf.eye(2),
  hidden: options?.hidden === true ? [0, 1, 2].map((layer) => params[`hidden.${layer}`] as Tensor3D) : [],
  ...{ halting: [], peaks: [], statistics: {} },
});

useCpuBackend();

const value = (x: Tensor): number => x.dataSync()[0]!;

/** Two steps of three tokens, of which the first and the last are to be predicted. */
function given(params: TensorMap): ObjectiveInput {
  return {
    ...{ forward, context: null, params, reference: {}, extras: {} },
    batch: {
      ids: tf.zeros([1, 3], 'int32') as Tensor2D,
      segments: tf.zeros([1, 3], 'int32') as Tensor2D,
      targets: tf.tensor2d([[0, -100, 1]], [1, 3], 'int32'),
    },
  };
}

const weights = (): TensorMap => ({
  features: tf.tensor4d([
    [[...Array(3).fill([9, 9])]],
    [
      [
        ...[
          [1, 2],
          [7, 7],
          [-1, 3],
        ],
      ],
    ],
  ]),
  'hidden.0': tf.tensor3d([
    [
      [1, 0],
      [0, 1],
      [1, 1],
    ],
  ]),
  'hidden.1': tf.tensor3d([
    [
      [3, 4],
      [5, 5],
      [0, -2],
    ],
  ]),
  'hidden.2': tf.tensor3d([
    [
      [1, 1],
      [1, 1],
      [1, 1],
    ],
  ]),
  'self_model.weight': tf.tensor2d([
    [1, 0.5],
    [0, -1],
  ]),
  'self_model.bias': tf.tensor1d([0.25, -0.5]),
});

/** Of the middle layer: activations of RMS 1 against h W + b of the last step, over tokens with a target. */
function byHand(): number {
  const root = Math.SQRT2;
  // (3, 4) and (0, -2) over their root mean squares 5 / sqrt(2) and sqrt(2).
  const own = [
    [(3 * root) / 5, (4 * root) / 5],
    [0, -root],
  ];
  // (1, 2) W + b and (-1, 3) W + b.
  const told = [
    [1.25, -2],
    [-0.75, -4],
  ];
  const errors = own.flatMap((row, n) => row.map((a, i) => (told[n]![i]! - a) ** 2));
  return errors.reduce((sum, error) => sum + error, 0) / 4;
}

test('adds the mean squared error of the activations of the middle layer, by hand', () => {
  const input = given(weights());
  const plain = nextToken()(input);
  const result = selfModel(nextToken(), { weight: 3, layer: null })(input);
  expect(value(result.metrics[SELF_MODEL_ERROR]!)).toBeCloseTo(byHand(), 5);
  expect(value(result.loss) - value(plain.loss)).toBeCloseTo(3 * byHand(), 4);
  expect(value(result.metrics['loss/total']!)).toBe(value(result.loss));
  expect(value(result.crossEntropy)).toBe(value(plain.crossEntropy));
  const named = selfModel(nextToken(), { weight: 3, layer: 1 })(input);
  expect(value(named.loss)).toBe(value(result.loss));
  const other = selfModel(nextToken(), { weight: 3, layer: 0 })(input);
  expect(value(other.loss)).not.toBeCloseTo(value(result.loss), 2);
});

test('the error does not shrink with the activations, and is 1 of a self-model that knows nothing', () => {
  const error = (params: TensorMap): number =>
    value(selfModel(nextToken(), { weight: 1, layer: null })(given(params)).metrics[SELF_MODEL_ERROR]!);
  const own = weights();
  expect(error({ ...own, 'hidden.1': tf.mul(own['hidden.1']!, 0.01) })).toBeCloseTo(error(own), 3);
  const nothing = {
    ...own,
    'self_model.weight': tf.zeros([2, 2]),
    'self_model.bias': tf.zeros([2]),
  };
  expect(error(nothing)).toBeCloseTo(1, 5);
});

test('gradients flow through what is said and through what it is said of', () => {
  const own = weights();
  const loss = (name: string, of: Tensor): tf.Scalar =>
    selfModel(nextToken(), { weight: 2, layer: null })(given({ ...own, [name]: of })).loss;
  for (const name of ['features', 'hidden.1', 'self_model.weight', 'self_model.bias']) {
    const gradient = tf
      .grad((x) => loss(name, x))(own[name]!)
      .dataSync();
    const at = own[name]!.dataSync();
    const step = 1e-2;
    const moved = (i: number, by: number): number =>
      value(
        loss(
          name,
          tf.tensor(
            at.map((x, j) => (j === i ? x + by : x)),
            own[name]!.shape,
          ),
        ),
      );
    gradient.forEach((slope, i) => {
      const difference = (moved(i, step) - moved(i, -step)) / (2 * step);
      expect(Math.abs(slope - difference)).toBeLessThan(0.01 * Math.max(1, Math.abs(slope)));
    });
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.1);
  }
});

test('the middle layer is the last of the first half', () => {
  expect([1, 2, 3, 4, 8].map(middleLayer)).toEqual([0, 0, 1, 1, 3]);
});
