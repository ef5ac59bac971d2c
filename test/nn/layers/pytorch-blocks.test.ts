import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { TensorDict, TensorMap } from '../../../core/contracts/tensor.js';
import {
  attentionMask,
  decayedSum,
  memoryKernel,
  rmsNorm,
  sameDocument,
  scaledAttention,
  swiglu,
} from '../../../nn/layers/index.js';
import { linearCrossEntropy, meanWeights } from '../../../nn/losses/index.js';
import { newtonSchulz } from '../../../nn/optim/index.js';
import { expectClose } from '../../support/close.js';
import { describeOnEngines } from '../../support/engines.js';
import { readOracle } from '../../support/oracle-tensors.js';
import { oracles } from '../../support/oracles.js';

const folder = oracles('pytorch');

/** Value of fn and the gradients of sum(fn * dy) by each argument. */
function vectorJacobian(fn: (...args: Tensor[]) => Tensor, args: readonly Tensor[], dy: Tensor): Tensor[] {
  const { value, grads } = tf.valueAndGrads((...inner) => tf.sum(tf.mul(fn(...inner), dy)) as tf.Scalar)([
    ...args,
  ]);
  value.dispose();
  return [fn(...args), ...grads];
}

function named(names: readonly string[], tensors: readonly Tensor[]): TensorMap {
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
}

folder.describe('blocks agree with PyTorch to 1e-5', () => {
  let blocks: TensorDict;
  beforeAll(async () => {
    blocks = await readOracle(folder.path('blocks.safetensors'));
  });
  const pick = (...names: string[]): TensorDict =>
    Object.fromEntries(names.map((name) => [name, blocks[name]!]));

  describeOnEngines('blocks', (compute) => {
    const check = async (
      inputs: readonly string[],
      outputs: readonly string[],
      fn: (t: TensorMap) => Tensor[],
    ) => {
      const found = await compute(pick(...inputs), (tensors) => named(outputs, fn(tensors)));
      for (const name of outputs) expectClose(found[name]!, blocks[name]!);
    };

    test('RMSNorm', () =>
      check(['rms_x', 'rms_g', 'rms_dy'], ['rms_y', 'rms_dx', 'rms_dg'], (t) =>
        vectorJacobian((x, g) => rmsNorm(x!, g as Tensor1D, 1e-6), [t['rms_x']!, t['rms_g']!], t['rms_dy']!),
      ));

    test('SwiGLU', () =>
      check(
        ['swiglu_x', 'swiglu_gate', 'swiglu_up', 'swiglu_down', 'swiglu_dy'],
        ['swiglu_y', 'swiglu_dx', 'swiglu_dgate', 'swiglu_dup', 'swiglu_ddown'],
        (t) =>
          vectorJacobian(
            (x, gate, up, down) =>
              swiglu(x!, { gate: gate as Tensor2D, up: up as Tensor2D, down: down as Tensor2D }),
            [t['swiglu_x']!, t['swiglu_gate']!, t['swiglu_up']!, t['swiglu_down']!],
            t['swiglu_dy']!,
          ),
      ));

    test('sliding-window attention', () =>
      check(['swa_q', 'swa_k', 'swa_v', 'swa_dy'], ['swa_y', 'swa_dq', 'swa_dk', 'swa_dv'], (t) => {
        const mask = attentionMask(sameDocument(tf.zeros([1, 9], 'int32')), 3);
        const attention = (q: Tensor, k: Tensor, v: Tensor): Tensor =>
          scaledAttention(tf.mul(q, 1 / 2) as Tensor4D, k as Tensor4D, v as Tensor4D, mask).output;
        return vectorJacobian(
          (q, k, v) => attention(q!, k!, v!),
          [t['swa_q']!, t['swa_k']!, t['swa_v']!],
          t['swa_dy']!,
        );
      }));

    test('linear memory', () =>
      check(['lmm_c'], ['lmm_m'], (t) => {
        const kernel = memoryKernel(sameDocument(tf.zeros([1, 6], 'int32')), [0.9]);
        return [decayedSum(t['lmm_c'] as Tensor3D, kernel, null)];
      }));

    test('cross-entropy with ignored targets', () =>
      check(['ce_logits', 'ce_targets'], ['ce_loss', 'ce_dlogits'], (t) => {
        const targets = t['ce_targets'] as Tensor1D;
        // A head with the identity as table: features are the logits themselves.
        const loss = (logits: Tensor): Tensor =>
          linearCrossEntropy({
            features: logits as Tensor2D,
            table: tf.eye(11),
            targets,
            weights: meanWeights(targets),
          }).loss.reshape([1]);
        return vectorJacobian((logits) => loss(logits!), [t['ce_logits']!], tf.ones([1]));
      }));

    test('five Newton-Schulz steps', () =>
      check(['ns_g'], ['ns5'], (t) => [newtonSchulz(t['ns_g'] as Tensor2D, 5)]));
  });
});
