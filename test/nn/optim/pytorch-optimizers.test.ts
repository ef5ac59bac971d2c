import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { HostTensor, TensorDict, TensorMap } from '../../../core/contracts/tensor.js';
import {
  adamWStep,
  adamWUpdate,
  grokfast,
  muonUpdate,
  type AdamWSettings,
  type MuonScale,
} from '../../../nn/optim/index.js';
import { expectClose, largestDifference } from '../../support/close.js';
import { describeOnEngines } from '../../support/engines.js';
import { readOracle } from '../../support/oracle-tensors.js';
import { oracles } from '../../support/oracles.js';
import { muonReference } from './muon-reference.js';

const folder = oracles('pytorch');
const STEPS = 5;
const adam: AdamWSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 };

/** PyTorch keeps matrices [out, in]; here they are [in, out]. */
function transposed({ data, shape }: HostTensor): HostTensor {
  const [rows, columns] = shape as [number, number];
  const flipped = Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
  return { dtype: 'float32', shape: [columns, rows], data: flipped };
}

folder.describe('optimizers agree with PyTorch', () => {
  let oracle: TensorDict;
  beforeAll(async () => {
    oracle = await readOracle(folder.path('optimizers.safetensors'));
  });
  const series = (name: string): TensorDict => {
    const names = Array.from({ length: STEPS }, (_, i) => `${name}${i}`);
    return Object.fromEntries(names.map((key) => [key, oracle[key]!]));
  };

  describeOnEngines('five updates', (compute) => {
    test.each([
      ['w0', 'gw', 'adamw_w5'],
      ['b0', 'gb', 'adamw_b5'],
    ])('AdamW of %s', async (start, gradients, end) => {
      const found = await compute({ start: oracle[start]!, ...series(gradients) }, (t) => {
        let [weight, first, second]: Tensor[] = [
          t['start']!,
          tf.zerosLike(t['start']!),
          tf.zerosLike(t['start']!),
        ];
        for (let i = 0; i < STEPS; i++) {
          const step = adamWStep(tf.scalar(i + 1), tf.scalar(1e-2), adam);
          ({ weight, first, second } = adamWUpdate(
            weight!,
            t[`${gradients}${i}`]!,
            first!,
            second!,
            step,
            adam,
          ));
        }
        return { weight: weight! };
      });
      expectClose(found['weight']!, oracle[end]!);
    });

    const muon = (scale: MuonScale, t: TensorMap): Tensor => {
      const settings = { momentum: 0.95, nesterov: true, newtonSchulzSteps: 5, scale, weightDecay: 0.05 };
      let weight = t['start'] as Tensor2D;
      let momentum = tf.zerosLike(weight);
      for (let i = 0; i < STEPS; i++) {
        const gradient = t[`gw${i}`] as Tensor2D;
        ({ weight, momentum } = muonUpdate(weight, gradient, momentum, tf.scalar(1e-2) as Scalar, settings));
      }
      return weight;
    };

    // PyTorch orthogonalises in bfloat16. The reference follows it to 1e-6 when it rounds as PyTorch does, so what
    // it gives without rounding is what PyTorch's rule means in float32.
    test.each([
      ['jordan', 'muon_original_w5', Math.sqrt(6 / 4)],
      ['moonlight', 'muon_match_rms_w5', 0.2 * Math.sqrt(6)],
    ] as const)('Muon with %s scale', async (scale, end, factor) => {
      const reference = (rounded: boolean) => muonReference(oracle, { steps: STEPS, scale: factor, rounded });
      expect(largestDifference(reference(true), oracle[end]!.data)).toBeLessThan(1e-6);
      const inputs = Object.fromEntries(
        Object.entries(series('gw')).map(([name, g]) => [name, transposed(g)]),
      );
      const found = await compute({ start: transposed(oracle['w0']!), ...inputs }, (t) => ({
        weight: muon(scale, t),
      }));
      expectClose(transposed(found['weight']!), reference(false));
      expectClose(transposed(found['weight']!), oracle[end]!, 1e-3);
    });

    test('Grokfast-EMA', async () => {
      const settings = { filter: 'lowpass', alpha: 0.98, lambda: 2 } as const;
      const found = await compute(series('gw'), (t) => {
        let average: Tensor = tf.zerosLike(t['gw0']!);
        const filtered = Array.from({ length: STEPS }, (_, i) => {
          const result = grokfast(t[`gw${i}`]!, average, tf.scalar(i + 1), settings);
          average = result.average;
          return [`grokfast_w${i}`, result.gradient] as const;
        });
        return Object.fromEntries(filtered);
      });
      for (let i = 0; i < STEPS; i++) expectClose(found[`grokfast_w${i}`]!, oracle[`grokfast_w${i}`]!);
    });
  });
});
