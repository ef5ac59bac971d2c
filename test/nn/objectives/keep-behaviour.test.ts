import * as tf from '@tensorflow/tfjs';
import type { Tensor4D } from '@tensorflow/tfjs';
import { ARCHITECTURE } from '../../../core/contracts/architecture.js';
import type { Engine } from '../../../core/contracts/engine.js';
import type { ForwardFunction, Objective } from '../../../core/contracts/objective.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { KEPT_DIVERGENCE, keepBehaviour, nextToken } from '../../../nn/objectives/index.js';
import { createTrainer, specsOf, type HostBatch } from '../../../nn/training/index.js';
import { llama } from '../../../plugins/architectures/index.js';
import { adamW } from '../../../plugins/optimizers/index.js';
import { completeHyperparameters, implementationOf, tinyLlama } from '../../../testing/index.js';
import { useCpuBackend } from '../../support/engines.js';
import { openTestEngine } from '../../support/training.js';

/** A model whose weights are its logits [K, 1, T, 2]. */
const forward: ForwardFunction = (params) => ({
  features: params['logits'] as Tensor4D,
  head: tf.eye(2),
  ...{ halting: [], hidden: [], peaks: [], statistics: {} },
});

/** KL of two tokens with the log-odds a and b of the first. */
function divergence(a: number, b: number): number {
  const [p, q] = [1 / (1 + Math.exp(-a)), 1 / (1 + Math.exp(-b))];
  return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
}

describe('keeping a behaviour', () => {
  useCpuBackend();
  const value = (x: tf.Scalar | undefined): number => x!.dataSync()[0]!;
  const logits = (odds: readonly (readonly number[])[]): Tensor4D =>
    tf.tensor4d(odds.map((step) => [step.map((x) => [x, 0])]));
  const student = [
    [1, 2, 3],
    [0, -1, 1],
  ];
  const teacher = [
    [3, 0, 1],
    [1, 1, 1],
  ];

  function kept(mask: readonly number[], weight: number) {
    const usual: Objective = nextToken();
    const batch = {
      ids: tf.zeros([1, 3], 'int32'),
      segments: tf.zeros([1, 3], 'int32'),
      targets: tf.tensor2d([[-100, 1, -100]], [1, 3], 'int32'),
    } as const;
    const given = {
      ...{ forward, context: null, batch: batch as never },
      params: { logits: logits(student) },
      reference: { logits: logits(teacher) },
      extras: { kept: tf.tensor2d([[...mask]]) },
    };
    return { plain: usual(given), result: keepBehaviour(usual, weight)(given) };
  }

  test('adds the mean divergence of kept tokens, each step by the same step of the reference, by hand', () => {
    const { plain, result } = kept([1, 0, 1], 0.5);
    const expected = (divergence(3, 1) + divergence(1, 3) + divergence(1, 0) + divergence(1, 1)) / 4;
    expect(value(result.metrics[KEPT_DIVERGENCE])).toBeCloseTo(expected, 5);
    expect(value(result.loss) - value(plain.loss)).toBeCloseTo(0.5 * expected, 5);
    expect(value(result.metrics['loss/total'])).toBe(value(result.loss));
    expect(value(result.crossEntropy)).toBe(value(plain.crossEntropy));
  });

  test('adds nothing where nothing is kept', () => {
    const { plain, result } = kept([0, 0, 0], 7);
    expect(value(result.metrics[KEPT_DIVERGENCE])).toBe(0);
    expect(value(result.loss)).toBe(value(plain.loss));
  });
});

describe('in training', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openTestEngine()));
  afterAll(() => engine.dispose());

  const LENGTH = 8;
  const row = (first: number, learnt: boolean) => ({
    ids: Array.from({ length: LENGTH }, (_, i) => first + i),
    targets: Array.from({ length: LENGTH }, (_, i) => (learnt && i + 1 < LENGTH ? first + 9 - i : -100)),
    kept: Array.from({ length: LENGTH }, (_, i) => (learnt || i + 1 === LENGTH ? 0 : 1)),
  });
  const rows = [row(3, true), row(20, false)];
  const joined = (pick: (one: (typeof rows)[number]) => readonly number[]) =>
    rows.flatMap((one) => [...pick(one)]);
  const batch: HostBatch = {
    ids: Int32Array.from(joined(({ ids }) => ids)),
    targets: Int32Array.from(joined(({ targets }) => targets)),
    segments: new Int32Array(2 * LENGTH),
    extras: { kept: Float32Array.from(joined(({ kept }) => kept)) },
  };

  /** Loss on what is learnt and divergence on what is kept, after some updates. */
  async function trainedWith(weight: number): Promise<{ learnt: number; moved: number }> {
    const architecture = await implementationOf(ARCHITECTURE, llama());
    const config = await completeHyperparameters(architecture, tinyLlama({ initializerStd: 0.3 }));
    const weights = initializeWeights(architecture.describe(config), 3);
    const trainer = await createTrainer(
      {
        ...{ engine, accumulation: 1, clipNorm: 1, seed: 1, shape: { rows: 2, length: LENGTH } },
        model: {
          ...{ architecture, config, objective: keepBehaviour(nextToken(), weight) },
          tensors: architecture.describe(config),
          optimizer: await implementationOf(OPTIMIZER, adamW({ learningRate: 0.01, weightDecay: 0 })),
          reference: specsOf(weights),
          extras: { kept: { shape: [2, LENGTH], dtype: 'float32' } },
        },
      },
      weights,
      weights,
    );
    for (let step = 1; step <= 40; step++)
      await trainer.step([batch], { step, learningRateScale: 1, emaDecay: 0 });
    const { crossEntropy, metrics } = await trainer.evaluate('param', [batch]);
    await trainer.dispose();
    return { learnt: crossEntropy, moved: metrics[KEPT_DIVERGENCE]! };
  }

  test('what is kept moves far less, and what is to be learnt is learnt all the same', async () => {
    const [free, held] = [await trainedWith(0), await trainedWith(1)];
    expect(free.learnt).toBeLessThan(0.5);
    expect(held.learnt).toBeLessThan(0.5);
    expect(held.moved).toBeLessThan(free.moved / 5);
  });
});
