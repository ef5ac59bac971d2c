import * as tf from '@tensorflow/tfjs';
import { ARCHITECTURE, type Architecture } from '../../../core/contracts/architecture.js';
import { OPTIMIZER, type Optimizer } from '../../../core/contracts/optimizer.js';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import { NEXT_TOKEN, nextToken } from '../../../nn/objectives/index.js';
import { differentiate } from '../../../nn/training/differentiate.js';
import { titansMag } from '../../../plugins/architectures/index.js';
import { muGrokfast } from '../../../plugins/optimizers/mugrokfast/index.js';
import { implementationOf } from '../../../testing/index.js';
import { useCpuBackend } from '../../support/engines.js';
import { livelyWeights, tinyTitansMag, toTensors } from '../../support/titans-mag.js';
import { LENGTH, patternBatch } from '../../support/training.js';

/** Loss, metrics and gradients of one batch, as numbers. */
type Measured = Readonly<Record<string, readonly number[]>>;

describe('the first k steps of a recursion', () => {
  useCpuBackend();
  let architecture: Architecture;
  let optimizer: Optimizer;
  beforeAll(async () => {
    architecture = await implementationOf(ARCHITECTURE, titansMag());
    optimizer = await implementationOf(OPTIMIZER, muGrokfast({}));
  });

  function measure(learns: 'correctness' | 'ponder', stepsOfModel: number, steps?: number): Measured {
    const base = tinyTitansMag({ dropout: 0 });
    const config = { ...base, recursion: { ...base.recursion, steps: stepsOfModel } };
    const halting = { ...NEXT_TOKEN.halting, learns, ponderCost: 0.01, varianceWeight: 0.1 };
    const model = {
      ...{ architecture, optimizer, config, tensors: architecture.describe(config) },
      objective: nextToken({ ...NEXT_TOKEN, halting }),
    };
    const numbers: Record<string, readonly number[]> = {};
    tf.tidy(() => {
      const batch = Object.entries(patternBatch(2, 1)) as [string, Int32Array][];
      const inputs: TensorMap = Object.fromEntries(
        batch.map(([name, data]) => [name, tf.tensor2d(data, [2, LENGTH], 'int32')]),
      );
      const params = toTensors(livelyWeights(base));
      const { outputs, grads } = differentiate(model, params, inputs, {}, { context: null, steps });
      for (const [name, tensor] of Object.entries({ ...outputs, ...grads }))
        numbers[name] = [...tensor.dataSync()];
    });
    return numbers;
  }

  it.each([
    ['correctness', 1],
    ['correctness', 2],
    ['ponder', 1],
    ['ponder', 2],
  ] as const)('are the model of k steps: loss, metrics and gradients (%s, k = %i)', (learns, k) => {
    const expected = measure(learns, k);
    expect(measure(learns, 3, k)).toEqual(expected);
    // And one step alone reaches every tensor.
    for (const [name, values] of Object.entries(expected))
      if (name.includes('.') && !name.includes(':'))
        expect([name, values.some((value) => value !== 0)]).toEqual([name, true]);
    expect(Object.keys(expected).filter((name) => name.includes('loss/step_'))).toHaveLength(k);
  });
});
