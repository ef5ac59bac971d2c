import * as tf from '@tensorflow/tfjs';
import type { Optimizer, OptimizerInput } from '../../core/contracts/optimizer.js';
import { optimizerConformance } from '../../testing/index.js';
import { fails, testConformance } from '../support/conformance.js';

/** Gradient descent with a count of its updates as state. */
function descent(
  rate: number,
  change: (input: OptimizerInput, name: string) => tf.Tensor = step(rate),
): Optimizer {
  return {
    learningRate: rate,
    state: () => ({ count: { shape: [], dtype: 'float32' } }),
    update: (input) => ({
      params: Object.fromEntries<tf.Tensor>(
        Object.keys(input.params).map((name) => [name, change(input, name)]),
      ),
      state: { count: tf.add(input.state['count']!, 1) },
      metrics: { 'optim/count': tf.add(input.state['count']!, 1) },
    }),
  };
}

function step(rate: number) {
  return ({ params, grads, learningRateScale }: OptimizerInput, name: string): tf.Tensor =>
    tf.sub(params[name]!, tf.mul(grads[name]!, tf.mul(learningRateScale, rate)));
}

describe('gradient descent conforms', () => {
  testConformance(optimizerConformance(() => descent(0.1), { steps: 20 }));
});

describe('a wrong optimizer fails, in the case that is about it', () => {
  test.each<[string, string, () => Optimizer]>([
    ['uphill', 'reduces a quadratic', () => descent(0.1, step(-0.1))],
    ['no learning rate', 'names its base learning rate', () => descent(0)],
    [
      'a schedule it does not heed',
      'stands still at learning rate 0',
      () => descent(0.1, ({ params, grads }, name) => tf.sub(params[name]!, tf.mul(grads[name]!, 0.1))),
    ],
    [
      'a division by the gradient norm',
      'survives gradients that are all zero',
      () =>
        descent(0.1, ({ params, grads }, name) =>
          tf.sub(params[name]!, tf.div(grads[name]!, tf.norm(grads[name]!))),
        ),
    ],
    [
      'a shape that changes',
      'keeps names, shapes and types of parameters and state',
      () => descent(0.1, ({ params }, name) => tf.reshape(params[name]!, [-1])),
    ],
    [
      'dice',
      'gives the same bits every time',
      () => descent(0.1, ({ params }, name) => tf.add(params[name]!, tf.randomNormal(params[name]!.shape))),
    ],
  ])('%s', async (_, name, make) => {
    expect(await fails(optimizerConformance(make, { steps: 5 }), name)).toBe(true);
  });
});
