import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { rmsNorm } from '../../../nn/layers/index.js';
import { int8Tokens, PUBLISHED, ternary, ternaryStraightThrough } from '../../../nn/quantization/index.js';
import { expectClose } from '../../support/close.js';
import { describeOnEngines } from '../../support/engines.js';
import { readOracle } from '../../support/oracle-tensors.js';
import { oracles } from '../../support/oracles.js';

const folder = oracles('pytorch');
const EPSILON = 1e-5;

/** A layer of BitNet b1.58: norm, inputs rounded to 8 bits, ternary weights [out, in]. */
function bitLinear(x: Tensor2D, weight: Tensor2D, gain: Tensor1D): Tensor2D {
  const rounded = int8Tokens(rmsNorm(x, gain, EPSILON));
  return tf.matMul(rounded, ternaryStraightThrough(weight, PUBLISHED, { layout: 'out-in' }), false, true);
}

function twoLayers(x: Tensor2D, w1: Tensor2D, gain1: Tensor1D, w2: Tensor2D, gain2: Tensor1D): Tensor2D {
  const hidden = bitLinear(x, w1, gain1);
  return bitLinear(tf.mul(hidden, tf.sigmoid(hidden)), w2, gain2);
}

const INPUTS = ['x', 'w1', 'gain1', 'w2', 'gain2'] as const;

folder.describe('two BitNet layers agree with PyTorch', () => {
  let oracle: TensorDict;
  beforeAll(async () => {
    oracle = await readOracle(folder.path('bitnet.safetensors'));
  });

  test.each(['1', '2'])('layer %s: the same codes and the same scale', (layer) => {
    const { codes, scales } = ternary(oracle[`w${layer}`]!, PUBLISHED);
    expect([...codes]).toEqual([...oracle[`codes${layer}`]!.data]);
    const expected = oracle[`scale${layer}`]!.data[0]!;
    expect(Math.abs(scales[0]! - expected)).toBeLessThanOrEqual(2 ** -23 * expected);
  });

  describeOnEngines('forward and backward', (compute) => {
    test('output and all gradients to 1e-5', async () => {
      const inputs = Object.fromEntries(INPUTS.map((name) => [name, oracle[name]!]));
      const found = await compute(inputs, (tensors) => {
        const args = INPUTS.map((name) => tensors[name]!);
        const apply = (...[x, w1, gain1, w2, gain2]: Tensor[]): Tensor2D =>
          twoLayers(x as Tensor2D, w1 as Tensor2D, gain1 as Tensor1D, w2 as Tensor2D, gain2 as Tensor1D);
        const y = apply(...args);
        const weights = tf.reshape(tf.linspace(-1, 1, y.size), y.shape);
        const gradients = tf.grads((...inner) => tf.sum(tf.mul(apply(...inner), weights)))(args);
        return { y, ...Object.fromEntries(INPUTS.map((name, i) => [`grad_${name}`, gradients[i]!])) };
      });
      expectClose(found['y']!, oracle['y']!);
      for (const name of INPUTS) expectClose(found[`grad_${name}`]!, oracle[`grad_${name}`]!);
    });
  });
});
