import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Architecture } from '../../../core/contracts/architecture.js';
import type { Engine } from '../../../core/contracts/engine.js';
import type { Objective } from '../../../core/contracts/objective.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { klDivergence } from '../../../nn/losses/index.js';
import { answerLogits } from '../../../nn/models/index.js';
import { nextToken } from '../../../nn/objectives/index.js';
import { createTrainer, specsOf, type Trainer, type TrainingModel } from '../../../nn/training/index.js';
import { LENGTH, openTestEngine, patternBatch, tinyTrainer } from '../../support/training.js';

const scalars = (step: number) => ({ step, learningRateScale: 1, emaDecay: 0.5 });
const MATRIX = 'layers.0.ffn.up';

/** What differs between two sets of weights, by name. */
function changed(a: TensorDict, b: TensorDict): string[] {
  return Object.keys(a).filter((name) => a[name]!.data.some((value, i) => value !== b[name]!.data[i]));
}

describe('what a trainer takes', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openTestEngine();
  });
  afterAll(() => engine.dispose());

  /** The tiny trainer with some of its model changed. */
  async function trainerWith(
    change: Partial<TrainingModel>,
    extra: {
      readonly weights?: TensorDict;
      readonly reference?: TensorDict;
      readonly accumulation?: number;
    } = {},
  ): Promise<{ trainer: Trainer; start: TensorDict }> {
    const plain = await tinyTrainer(engine);
    const start = { ...(await plain.weights('param')), ...extra.weights };
    const { options } = plain;
    await plain.dispose();
    const trainer = await createTrainer(
      { ...options, accumulation: extra.accumulation ?? 1, model: { ...options.model, ...change } },
      start,
      extra.reference,
    );
    return { trainer, start };
  }

  it.each([1, 2])(
    'names of what is trained: all else stays, in every group (accumulation %i)',
    async (accumulation) => {
      const { trainer, start } = await trainerWith({ trainable: [MATRIX] }, { accumulation });
      const batches = Array.from({ length: accumulation }, (_, i) => patternBatch(2, i + 1));
      await trainer.step(batches, scalars(1));
      expect(changed(start, await trainer.weights('param'))).toEqual([MATRIX]);
      expect(changed(start, await trainer.weights('ema'))).toEqual([MATRIX]);
      // A checkpoint holds what is trained, no more.
      const names = Object.keys(await trainer.snapshot()).filter((name) => !name.startsWith('opt/'));
      expect(names.sort()).toEqual([`ema/${MATRIX}`, `param/${MATRIX}`]);
      const before = await trainer.evaluate('param', [patternBatch(2, 9)]);
      expect(Number.isFinite(before.crossEntropy)).toBe(true);
      await trainer.dispose();
    },
  );

  it('a transform of the parameters: low-rank adapters that start at zero and alone are trained', async () => {
    const { options } = await tinyTrainer(engine);
    const { shape } = options.model.tensors.find(({ name }) => name === MATRIX)!;
    const [inside, outside] = shape as [number, number];
    const adapters = [
      { name: 'a', shape: [inside, 2], role: 'ffn-up', init: { kind: 'normal', std: 0.1 } },
      { name: 'b', shape: [2, outside], role: 'ffn-up', init: { kind: 'constant', value: 0 } },
    ] as const;
    const { trainer, start } = await trainerWith(
      {
        tensors: [...options.model.tensors, ...adapters],
        trainable: ['a', 'b'],
        transform: ({ a, b, ...params }) => ({
          ...params,
          [MATRIX]: tf.add(params[MATRIX]!, tf.matMul(a as Tensor2D, b as Tensor2D)),
        }),
      },
      {
        weights: {
          a: { shape: [inside, 2], dtype: 'float32', data: new Float32Array(2 * inside).fill(0.1) },
          b: { shape: [2, outside], dtype: 'float32', data: new Float32Array(2 * outside) },
        },
      },
    );
    const untouched = await tinyTrainer(engine);
    const heldOut = [patternBatch(2, 77)];
    // b = 0: the adapted model is the model.
    expect(await trainer.evaluate('param', heldOut)).toEqual(await untouched.evaluate('param', heldOut));
    for (let step = 1; step <= 3; step++) await trainer.step([patternBatch(2, step)], scalars(step));
    expect(changed(start, await trainer.weights('param')).sort()).toEqual(['a', 'b']);
    expect((await trainer.evaluate('param', heldOut)).crossEntropy).not.toBe(
      (await untouched.evaluate('param', heldOut)).crossEntropy,
    );
    await trainer.dispose();
    await untouched.dispose();
  });

  it('reference weights and an objective of its own: divergence from itself is zero', async () => {
    const distance: Objective = ({ forward, params, batch, reference, context }) => {
      const input = { ids: batch.ids, segments: batch.segments };
      const flat = (weights: typeof params): Tensor2D => {
        const logits = answerLogits(forward(weights, input, { context }));
        return tf.reshape(logits, [-1, logits.shape[2]]);
      };
      const loss = tf.mean(klDivergence(flat(params), flat(reference))) as Scalar;
      return { loss, crossEntropy: loss, accuracy: tf.scalar(0), metrics: { 'kl/anchor': loss }, peaks: [] };
    };
    const { options } = await tinyTrainer(engine);
    const weights = await (await tinyTrainer(engine)).weights('param');
    const reference = specsOf(weights);
    const { trainer: all } = await trainerWith({ objective: distance, reference }, { reference: weights });
    // Only the loss of halting reaches the halting head.
    await expect(all.step([patternBatch(2, 1)], scalars(1))).rejects.toMatchObject({
      code: 'AF_TRAINING_UNREACHED',
      facts: { tensors: ['halting.weight', 'halting.bias'] },
    });
    await all.dispose();
    const trainable = options.model.tensors.flatMap(({ name, role }) =>
      role === 'halting' || name === 'halting.bias' ? [] : [name],
    );
    const { trainer } = await trainerWith(
      { objective: distance, reference, trainable },
      { reference: weights },
    );
    const still = await trainer.step([patternBatch(2, 1)], scalars(1));
    expect(Math.abs(still.metrics['kl/anchor']!)).toBeLessThan(1e-6);
    await trainer.dispose();
  });

  it('a tensor that only later recursion steps read has a zero gradient where those are not unrolled', async () => {
    const plain = await tinyTrainer(engine);
    const { architecture: own, tensors, config } = plain.options.model;
    const late = { name: 'late', shape: [1], role: 'bias', init: { kind: 'constant', value: 1 } } as const;
    const architecture: Architecture = {
      ...own,
      forward: (given, params, input, options = {}) => {
        const pass = own.forward(given, params, input, options);
        if (options.steps === 1) return pass;
        return { ...pass, features: tf.mul(pass.features, params['late']!) };
      },
    };
    const { trainer } = await trainerWith(
      { architecture, config, tensors: [...tensors, late] },
      { weights: { late: { shape: [1], dtype: 'float32', data: Float32Array.of(1) } } },
    );
    const value = async (): Promise<number> => (await trainer.weights('param'))['late']!.data[0]!;
    await trainer.step([patternBatch(2, 1)], scalars(1), { rows: 2, length: LENGTH, steps: 1 });
    expect(await value()).toBe(1);
    await trainer.step([patternBatch(2, 2)], scalars(2));
    expect(await value()).not.toBe(1);
    await trainer.dispose();
    await plain.dispose();
  });

  it('further inputs of a batch: weights of its tokens', async () => {
    const weighted: Objective = (input) => {
      const plain = nextToken()(input);
      const loss = tf.mul(plain.loss, tf.mean(input.extras['worth'] as Tensor1D)) as Scalar;
      return { ...plain, loss };
    };
    const extras = { worth: { shape: [2 * LENGTH], dtype: 'float32' as const } };
    const { trainer } = await trainerWith({ objective: weighted, extras });
    const worth = new Float32Array(2 * LENGTH).fill(3);
    const batch = patternBatch(2, 1);
    const three = await trainer.step([{ ...batch, extras: { worth } }], {
      ...scalars(1),
      learningRateScale: 0,
    });
    const one = await trainer.step([{ ...batch, extras: { worth: worth.map(() => 1) } }], {
      ...scalars(2),
      learningRateScale: 0,
    });
    expect(three.loss / one.loss).toBeCloseTo(3, 4);
    await expect(trainer.step([batch], scalars(3))).rejects.toMatchObject({ code: 'AF_ENGINE_INPUT' });
    await trainer.dispose();
  });
});
