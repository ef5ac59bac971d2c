import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { HostTensor, TensorMap } from '../../../core/contracts/tensor.js';
import { attentionMask, linear, sameDocument, scaledAttention } from '../../../nn/layers/index.js';
import { fillNormal, streamKey } from '../../../nn/random/index.js';
import { expectClose } from '../../support/close.js';
import { describeOnEngines, floats, integers } from '../../support/engines.js';

function gaussian(name: string, shape: readonly number[]): HostTensor {
  const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
  fillNormal(streamKey(5, name), data);
  return floats(data, shape);
}

const [ROWS, HEADS, KEY_HEADS, LENGTH, WIDTH] = [2, 6, 2, 7, 4];

describeOnEngines('grouped keys', (compute) => {
  test.each([256, 3])(
    'give what keys repeated for every head give, gradients included; blocks of %i',
    async (blockSize) => {
      const inputs = {
        q: gaussian('q', [ROWS, HEADS, LENGTH, WIDTH]),
        k: gaussian('k', [ROWS, KEY_HEADS, LENGTH, WIDTH]),
        v: gaussian('v', [ROWS, KEY_HEADS, LENGTH, WIDTH]),
        dy: gaussian('dy', [ROWS, HEADS, LENGTH, WIDTH]),
        s: integers([0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 2, 2], [ROWS, LENGTH]),
      };
      const found = await compute(inputs, (t) => {
        const mask = attentionMask(sameDocument(t['s'] as Tensor2D), Infinity, { blockSize });
        const run = (prefix: string, expand: (x: Tensor4D) => Tensor4D): TensorMap => {
          const attend = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
            scaledAttention(q as Tensor4D, expand(k as Tensor4D), expand(v as Tensor4D), mask, {
              peaks: true,
            });
          const args = [t['q']!, t['k']!, t['v']!] as const;
          const grads = tf.grads(
            (q, k, v) => tf.sum(tf.mul(attend(q!, k!, v!).output, t['dy']!)) as tf.Scalar,
          )([...args]);
          const { output, peak } = attend(...args);
          return {
            [`${prefix}output`]: output,
            [`${prefix}peak`]: peak!,
            ...Object.fromEntries(grads.map((grad, i) => [`${prefix}grad${i}`, grad])),
          };
        };
        const repeated = (x: Tensor4D): Tensor4D => {
          const each = tf.split(x, KEY_HEADS, 1);
          return tf.concat(
            each.flatMap((head) => Array.from({ length: HEADS / KEY_HEADS }, () => head)),
            1,
          ) as Tensor4D;
        };
        return { ...run('grouped ', (x) => x), ...run('repeated ', repeated) };
      });
      const names = ['output', 'peak', 'grad0', 'grad1', 'grad2'];
      for (const name of names) expectClose(found[`grouped ${name}`]!, found[`repeated ${name}`]!, 2e-6);
    },
  );
});

describeOnEngines('a matrix that lies [out, in]', (compute) => {
  test('is multiplied transposed', async () => {
    const inputs = {
      x: floats([1, 2, 3], [1, 3]),
      w: floats([1, 0, 2, 0, 1, 1], [2, 3]),
      b: floats([10, 20]),
    };
    const { y } = await compute(inputs, (t) => ({
      y: linear(t['x']!, t['w'] as Tensor2D, t['b'], 'out-in'),
    }));
    expectClose(y!, floats([17, 25], [1, 2]));
  });
});
