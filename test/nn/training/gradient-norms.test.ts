import * as tf from '@tensorflow/tfjs';
import type { Scalar } from '@tensorflow/tfjs';
import type { Architecture, TensorDescription } from '../../../core/contracts/architecture.js';
import type { Engine } from '../../../core/contracts/engine.js';
import type { Objective } from '../../../core/contracts/objective.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import { createTrainer, gradientNorms, type Trainer } from '../../../nn/training/index.js';
import { adamW } from '../../../plugins/optimizers/index.js';
import { implementationOf } from '../../../testing/index.js';
import { LENGTH, openTestEngine, patternBatch, tinyTrainer } from '../../support/training.js';

let engine: Engine;
beforeAll(async () => void (engine = await openTestEngine()));
afterAll(() => engine.dispose());

const tensor = (name: string, shape: readonly number[]): TensorDescription => ({
  ...{ name, shape, role: 'ffn-up', init: { kind: 'constant', value: 0 } },
});

/** loss = sum(w^2) + 0 * idle + sqrt(broken), for weights of a test's own. */
async function toyTrainer(broken: number): Promise<Trainer> {
  const tensors = [tensor('w', [2]), tensor('idle', [2]), tensor('broken', [1])];
  const objective: Objective = ({ params }) => {
    const { w, idle, broken: last } = params;
    const terms = [tf.sum(tf.square(w!)), tf.mul(tf.sum(idle!), 0), tf.sum(tf.sqrt(last!))];
    const loss = tf.addN(terms) as Scalar;
    return { loss, crossEntropy: loss, accuracy: loss, metrics: {}, peaks: [] };
  };
  // Its loss reads the weights alone.
  const architecture = { attentions: () => [] } as unknown as Architecture;
  const value = (name: string, data: readonly number[]) => [
    name,
    { shape: [data.length], dtype: 'float32' as const, data: Float32Array.from(data) },
  ];
  return createTrainer(
    {
      ...{ engine, accumulation: 1, clipNorm: 1, seed: 1, shape: { rows: 2, length: LENGTH } },
      model: {
        ...{ architecture, config: {}, tensors, objective },
        optimizer: await implementationOf(OPTIMIZER, adamW({ learningRate: 0.1, weightDecay: 0 })),
      },
    },
    Object.fromEntries([value('w', [3, -4]), value('idle', [1, 1]), value('broken', [broken])]),
  );
}

test('by hand: of w^2 it is twice the norm of w; where nothing arrives it is 0', async () => {
  const trainer = await toyTrainer(4);
  const norms = await gradientNorms(trainer, patternBatch(2, 1));
  expect(norms['w']).toBeCloseTo(10, 5);
  expect(norms['idle']).toBe(0);
  expect(norms['broken']).toBeCloseTo(0.25, 6);
  await trainer.dispose();
});

test('what is not finite is told', async () => {
  const trainer = await toyTrainer(-1);
  const norms = await gradientNorms(trainer, patternBatch(2, 1));
  expect(norms['broken']).toBeNaN();
  expect(norms['w']).toBeCloseTo(10, 5);
  await trainer.dispose();
});

test('of a model: all together they are the norm that an update clips by; nothing is changed', async () => {
  const trainer = await tinyTrainer(engine);
  const batch = patternBatch(2, 3);
  const before = await trainer.snapshot();
  const norms = await gradientNorms(trainer, batch);
  expect(await trainer.snapshot()).toEqual(before);
  expect(Object.keys(norms).sort()).toEqual(trainer.options.model.tensors.map(({ name }) => name).sort());
  expect(await gradientNorms(trainer, batch)).toEqual(norms);
  const { gradNorm } = await trainer.step([batch], { step: 1, learningRateScale: 1, emaDecay: 0.5 });
  const all = Math.sqrt(Object.values(norms).reduce((sum, norm) => sum + norm ** 2, 0));
  expect(all / gradNorm).toBeCloseTo(1, 4);
  await trainer.dispose();
});
