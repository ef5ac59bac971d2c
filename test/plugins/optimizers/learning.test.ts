import * as tf from '@tensorflow/tfjs';
import { OPTIMIZER, type Optimizer } from '../../../core/contracts/optimizer.js';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { zeros } from '../../../nn/training/state.js';
import { describeTitansMag } from '../../../plugins/architectures/titans-mag/describe.js';
import { adamW, muGrokfast } from '../../../plugins/optimizers/index.js';
import { implementationOf } from '../../../testing/index.js';
import { useCpuBackend } from '../../support/engines.js';
import {
  batchIn,
  lossAndGradients,
  randomBatch,
  tinyTitansMag,
  toTensors,
} from '../../support/titans-mag.js';

useCpuBackend();

/** Loss at every one of `steps` updates on one batch. */
function train(optimizer: Optimizer, steps: number): number[] {
  const config = tinyTitansMag({ layers: 1, recursion: { steps: 1, microSteps: 1 } });
  const tensors = describeTitansMag(config);
  return tf.tidy(() => {
    const batch = batchIn(toTensors({ ...randomBatch(config, 1, 8) }));
    let params: TensorMap = toTensors(initializeWeights(tensors, 1));
    let state: TensorMap = toTensors(zeros(optimizer.state(tensors)));
    return Array.from({ length: steps }, (_, i) => {
      const { loss, grads } = lossAndGradients(config, params, batch);
      const input = {
        tensors,
        params,
        grads,
        state,
        step: tf.scalar(i + 1),
        learningRateScale: tf.scalar(1),
        peaks: [],
      };
      ({ params, state } = optimizer.update(input));
      return loss.dataSync()[0]!;
    });
  });
}

describe('a tiny model learns a batch by heart', () => {
  const rates = { preset: 'phase1', muonLr: 0.02, fallbackLr: 0.02 } as const;
  test.each([
    ['mugrokfast', () => muGrokfast(rates)],
    ['mugrokfast without its filter', () => muGrokfast({ ...rates, filter: 'off' })],
    ['mugrokfast with the high-pass filter', () => muGrokfast({ ...rates, filter: 'highpass' })],
    ['mugrokfast with AdamW only', () => muGrokfast({ ...rates, muon: false })],
    ['adamw', () => adamW({ learningRate: 0.02 })],
  ])('%s', async (_name, plugin) => {
    const losses = train(await implementationOf(OPTIMIZER, plugin()), 20);
    expect(losses[0]).toBeGreaterThan(3.3);
    expect(losses.at(-1)).toBeLessThan(1.5);
  });
});
