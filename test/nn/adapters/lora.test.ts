import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import {
  ARCHITECTURE,
  type Architecture,
  type TensorDescription,
} from '../../../core/contracts/architecture.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { interpolate, lora } from '../../../nn/adapters/index.js';
import { answerLogits, initializeWeights } from '../../../nn/models/index.js';
import { nextToken } from '../../../nn/objectives/index.js';
import { fillNormal, streamKey } from '../../../nn/random/index.js';
import { createTrainer } from '../../../nn/training/index.js';
import { llama, titansMag } from '../../../plugins/architectures/index.js';
import { adamW } from '../../../plugins/optimizers/index.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import {
  completeHyperparameters,
  implementationOf,
  tinyLlama,
  tinyTitansMag,
} from '../../../testing/index.js';
import { floats, useCpuBackend } from '../../support/engines.js';
import { toTensors } from '../../support/titans-mag.js';
import { LENGTH, openTestEngine, patternBatch } from '../../support/training.js';

const init = { kind: 'constant', value: 0 } as const;
const matrix = (
  name: string,
  shape: [number, number],
  more: Partial<TensorDescription> = {},
): TensorDescription => ({
  ...{ name, shape, role: 'ffn-up', init, linear: true },
  ...more,
});

/** What a tfjs transform gives, on the host. */
function transformed(adapters: ReturnType<typeof lora>, all: TensorDict): Record<string, number[]> {
  return tf.tidy(() =>
    Object.fromEntries(
      Object.entries(adapters.transform(toTensors(all))).map(([name, x]) => [name, [...x.dataSync()]]),
    ),
  );
}

describe('low-rank adapters', () => {
  useCpuBackend();

  // A = (1, 2)^T, B = (3, 4, 5), alpha / rank = 2: the change is 2 (3 4 5; 6 8 10).
  const W = [1, 1, 1, 1, 1, 1];
  const CHANGED = [7, 9, 11, 13, 17, 21];

  test('add (alpha / rank) A B, by hand', () => {
    const adapters = lora([matrix('w', [2, 3])], { rank: 1, alpha: 2 });
    expect(adapters.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['w.lora_a', [2, 1]],
      ['w.lora_b', [1, 3]],
    ]);
    const all = {
      w: floats(W, [2, 3]),
      'w.lora_a': floats([1, 2], [2, 1]),
      'w.lora_b': floats([3, 4, 5], [1, 3]),
    };
    expect(transformed(adapters, all)).toEqual({ w: CHANGED });
    expect([...adapters.merge(all)['w']!.data]).toEqual(CHANGED);
    const { w, ...own } = all;
    expect(adapters.merge({ w }, own)).toEqual(adapters.merge(all));
    expect([...w.data]).toEqual(W);
  });

  test('of a matrix that is stored [out, in] lie as it does', () => {
    // W^T [3, 2] = B [3, 1] A [1, 2].
    const adapters = lora([matrix('w', [3, 2], { layout: 'out-in', layer: 4 })], { rank: 1, alpha: 2 });
    expect(adapters.tensors).toMatchObject([
      { name: 'w.lora_a', shape: [1, 2], layout: 'out-in', layer: 4, role: 'ffn-up' },
      { name: 'w.lora_b', shape: [3, 1], layout: 'out-in', layer: 4, role: 'ffn-up' },
    ]);
    const all = {
      w: floats(W, [3, 2]),
      'w.lora_a': floats([1, 2], [1, 2]),
      'w.lora_b': floats([3, 4, 5], [3, 1]),
    };
    expect(transformed(adapters, all)).toEqual({ w: [7, 13, 9, 17, 11, 21] });
    expect([...adapters.merge(all)['w']!.data]).toEqual([7, 13, 9, 17, 11, 21]);
  });

  test('rank 2 sums two products, and alpha counts per rank', () => {
    // (1 0; 0 1)(1 2; 3 4) * 6 / 2
    const adapters = lora([matrix('w', [2, 2])], { rank: 2, alpha: 6 });
    const all = {
      w: floats([0, 0, 0, 0], [2, 2]),
      'w.lora_a': floats([1, 0, 0, 1], [2, 2]),
      'w.lora_b': floats([1, 2, 3, 4], [2, 2]),
    };
    expect(transformed(adapters, all)).toEqual({ w: [3, 6, 9, 12] });
    expect([...adapters.merge(all)['w']!.data]).toEqual([3, 6, 9, 12]);
  });

  test('are of the linear matrices of the roles and layers that are named', () => {
    const model = [
      matrix('q', [2, 2], { role: 'attention-query', layer: 0 }),
      matrix('q1', [2, 2], { role: 'attention-query', layer: 1 }),
      matrix('up', [2, 2], { layer: 0 }),
      matrix('shared', [2, 2]),
      matrix('table', [2, 2], { role: 'embedding', linear: false }),
    ];
    const targets = (more: object): readonly string[] => lora(model, { rank: 1, alpha: 1, ...more }).targets;
    expect(targets({})).toEqual(['q', 'q1', 'up', 'shared']);
    expect(targets({ roles: ['attention-query'] })).toEqual(['q', 'q1']);
    expect(targets({ layers: [0] })).toEqual(['q', 'up']);
    expect(targets({ roles: ['attention-query'], layers: [1] })).toEqual(['q1']);
    for (const wrong of [{ roles: ['embedding'] }, { layers: [7] }, { rank: 0 }, { alpha: NaN }])
      expect(() => targets(wrong)).toThrow(expect.objectContaining({ code: 'AF_CONFIG_INVALID' }));
  });

  test('start with B zero and an A that keeps the size of what it reads, by seed', () => {
    const adapters = lora([matrix('w', [400, 30])], { rank: 10, alpha: 1 });
    const { 'w.lora_a': a, 'w.lora_b': b } = adapters.initial(1);
    expect(b!.data.every((value) => value === 0)).toBe(true);
    // 4,000 numbers of variance 1 / 400.
    const squares = Array.from(a!.data, (value) => value * value);
    const variance = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    expect(variance * 400).toBeGreaterThan(0.9);
    expect(variance * 400).toBeLessThan(1.1);
    expect(adapters.initial(1)).toEqual(adapters.initial(1));
    expect(adapters.initial(2)).not.toEqual(adapters.initial(1));
  });
});

test('a line between weights: the ends are exact, the middle is the mean', () => {
  const from = { w: floats([0.1, 2]) };
  const to = { w: floats([0.3, -2]) };
  expect(interpolate(from, to, 0)).toEqual(from);
  expect(interpolate(from, to, 1)).toEqual(to);
  expect([...interpolate(from, to, 0.5)['w']!.data]).toEqual([Math.fround(0.2), 0]);
});

describe.each([
  ['titans-mag', titansMag, tinyTitansMag()],
  ['llama', llama, tinyLlama()],
] as const)('adapters of %s', (_, plugin, hyperparameters) => {
  useCpuBackend();
  let architecture: Architecture;
  let config: Record<string, unknown>;
  let weights: TensorDict;
  let adapters: ReturnType<typeof lora>;
  beforeAll(async () => {
    architecture = await implementationOf(ARCHITECTURE, plugin());
    config = await completeHyperparameters(architecture, hyperparameters);
    weights = initializeWeights(architecture.describe(config), 3);
    adapters = lora(architecture.describe(config), { rank: 3, alpha: 6 });
  });

  const ids = [3, 14, 15, 9, 2, 6, 5, 35];
  function logits(params: TensorDict, own?: typeof adapters): Float32Array {
    return tf.tidy(() => {
      const input = {
        ids: tf.tensor2d(ids, [1, ids.length], 'int32'),
        segments: tf.zeros([1, ids.length], 'int32') as Tensor2D,
      };
      const tensors = toTensors(params);
      const computed = own === undefined ? tensors : own.transform(tensors);
      return answerLogits(architecture.forward(config, computed, input)).dataSync() as Float32Array;
    });
  }

  /** Adapters that were trained, as far as one can see. */
  function lively(): TensorDict {
    return Object.fromEntries(
      Object.entries(adapters.initial(1)).map(([name, tensor]) => {
        const data = new Float32Array(tensor.data.length);
        fillNormal(streamKey(7, name), data);
        return [name, { ...tensor, data: data.map((value) => 0.1 * value) }];
      }),
    );
  }

  test('before the first update the model is the base, bit by bit', () => {
    expect(logits({ ...weights, ...adapters.initial(1) }, adapters)).toEqual(logits(weights));
  });

  test('merged, the model computes what the adapted one does', () => {
    const all = { ...weights, ...lively() };
    const merged = adapters.merge(all);
    expect(Object.keys(merged)).toEqual(Object.keys(weights));
    const [expected, found] = [logits(all, adapters), logits(merged)];
    const base = logits(weights);
    const largest = (a: Float32Array, b: Float32Array): number =>
      a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
    expect(largest(expected, found)).toBeLessThan(1e-5);
    expect(largest(expected, base)).toBeGreaterThan(1e-3);
  });

  test('alone are trained where a trainer is told so', async () => {
    const engine = await openTestEngine();
    try {
      const all = { ...weights, ...adapters.initial(1) };
      const trainer = await createTrainer(
        {
          ...{ engine, accumulation: 1, clipNorm: 1, seed: 1 },
          shape: { rows: 2, length: LENGTH },
          model: {
            ...{ architecture, config, objective: nextToken(), transform: adapters.transform },
            tensors: [...architecture.describe(config), ...adapters.tensors],
            optimizer: await implementationOf(OPTIMIZER, adamW()),
            trainable: adapters.tensors.map(({ name }) => name),
          },
        },
        all,
      );
      for (let step = 1; step <= 2; step++)
        await trainer.step([patternBatch(2, step)], { step, learningRateScale: 1, emaDecay: 0 });
      const after = await trainer.weights('param');
      const changed = Object.keys(all).filter((name) =>
        after[name]!.data.some((value, i) => value !== all[name]!.data[i]),
      );
      expect(changed).toEqual(adapters.tensors.map(({ name }) => name));
      await trainer.dispose();
    } finally {
      await engine.dispose();
    }
  });
});
