import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { ARCHITECTURE } from '../../../core/contracts/architecture.js';
import type { Engine } from '../../../core/contracts/engine.js';
import type { ForwardFunction, ObjectiveResult } from '../../../core/contracts/objective.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import { lora } from '../../../nn/adapters/index.js';
import { alignedRows, type AlignedRow } from '../../../nn/data/index.js';
import { BAKING_DIVERGENCE, bakePrompt, bakePromptExtras } from '../../../nn/objectives/index.js';
import { createTrainer, specsOf, type HostBatch } from '../../../nn/training/index.js';
import { llama } from '../../../plugins/architectures/index.js';
import { adamW } from '../../../plugins/optimizers/index.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { completeHyperparameters, implementationOf, tinyLlama } from '../../../testing/index.js';
import { useCpuBackend } from '../../support/engines.js';
import { openTestEngine } from '../../support/training.js';

const VOCABULARY = 3;

/** KL(p || q) of two rows of logits, by hand. */
function divergence(p: readonly number[], q: readonly number[]): number {
  const shares = (logits: readonly number[]): number[] => {
    const total = logits.reduce((sum, value) => sum + Math.exp(value), 0);
    return logits.map((value) => Math.exp(value) / total);
  };
  const [a, b] = [shares(p), shares(q)];
  return a.reduce((sum, value, i) => sum + value * Math.log(value / b[i]!), 0);
}

/** A model whose weights are its logits: two recursion steps, of which the first says nothing of the second. */
const forward: ForwardFunction = (params) => {
  const last = params['logits'] as Tensor4D;
  return {
    features: tf.concat([tf.mul(last, -3), last], 0) as Tensor4D,
    head: tf.eye(VOCABULARY),
    halting: [],
    hidden: [],
    peaks: [],
    statistics: {},
  };
};

const integers = (rows: readonly (readonly number[])[]): Tensor2D =>
  tf.tensor2d(
    rows.map((row) => [...row]),
    undefined,
    'int32',
  );
const logits = (rows: readonly (readonly (readonly number[])[])[]): Tensor4D =>
  tf.tensor4d([rows.map((row) => row.map((token) => [...token]))]);
const number = (value: tf.Scalar | undefined): number => value!.dataSync()[0]!;

describe('the objective of prompt baking', () => {
  useCpuBackend();

  // Student of 2 tokens, teacher of 3: row 0 predicts at both, row 1 at its second position alone.
  const student = [
    [
      [1, 0, 0],
      [0, 2, 0],
    ],
    [
      [9, 9, 0],
      [0, 0, 1],
    ],
  ];
  const teacher = [
    [
      [7, 7, 7],
      [0, 1, 0],
      [0, 0, 3],
    ],
    [
      [1, 1, 2],
      [8, 0, 8],
      [5, 5, 5],
    ],
  ];
  const targets = [
    [1, 2],
    [-100, 2],
  ];
  const index = [
    [1, 2],
    [-1, 0],
  ];

  function bakedWith(changes: { targets?: number[][]; index?: number[][] } = {}): ObjectiveResult {
    const zeros = (length: number): Tensor2D => tf.zeros([2, length], 'int32');
    return bakePrompt()({
      forward,
      params: { logits: logits(student) },
      reference: { logits: logits(teacher) },
      batch: { ids: zeros(2), segments: zeros(2), targets: integers(changes.targets ?? targets) },
      extras: {
        teacher_ids: zeros(3),
        teacher_segments: zeros(3),
        teacher_index: integers(changes.index ?? index),
      },
      context: null,
    });
  }

  test('is the mean divergence over steps and tokens that both predict, each step by the same one of the teacher, by hand', () => {
    const result = bakedWith();
    const expected = [
      divergence([0, 1, 0], [1, 0, 0]),
      divergence([0, 0, 3], [0, 2, 0]),
      divergence([1, 1, 2], [0, 0, 1]),
    ];
    const first = (row: readonly number[]): number[] => row.map((value) => -3 * value);
    const before = [
      divergence(first([0, 1, 0]), first([1, 0, 0])),
      divergence(first([0, 0, 3]), first([0, 2, 0])),
      divergence(first([1, 1, 2]), first([0, 0, 1])),
    ];
    const mean = [...before, ...expected].reduce((sum, value) => sum + value, 0) / 6;
    // KL((1, e, 1) / (e + 2) || (e, 1, 1) / (e + 2)) = (e - 1) / (e + 2).
    expect(expected[0]).toBeCloseTo((Math.E - 1) / (Math.E + 2), 12);
    expect(number(result.loss)).toBeCloseTo(mean, 5);
    expect(number(result.metrics[BAKING_DIVERGENCE])).toBeCloseTo(mean, 5);
    // -ln q: of id 1 at (1, 0, 0), of id 2 at (0, 2, 0), of id 2 at (0, 0, 1).
    const nll = [Math.log(Math.E + 2), Math.log(Math.exp(2) + 2), Math.log(Math.E + 2) - 1];
    expect(number(result.crossEntropy)).toBeCloseTo(nll.reduce((sum, value) => sum + value, 0) / 3, 5);
    expect(number(result.accuracy)).toBeCloseTo(1 / 3, 6);
  });

  test('counts nothing where there is no target or no position of the teacher', () => {
    const only = (divergence([0, 1, 0], [1, 0, 0]) + divergence([0, -3, 0], [-3, 0, 0])) / 2;
    const none = [-100, -100];
    expect(number(bakedWith({ targets: [[1, -100], none] }).loss)).toBeCloseTo(only, 5);
    expect(
      number(
        bakedWith({
          index: [
            [1, -1],
            [-1, -1],
          ],
        }).loss,
      ),
    ).toBeCloseTo(only, 5);
    expect(number(bakedWith({ targets: [none, none] }).loss)).toBe(0);
  });
});

describe('baked into a tiny model', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openTestEngine();
  });
  afterAll(() => engine.dispose());

  const SHAPE = { length: 8, teacherLength: 10, padId: 0 };

  function batchOf(rows: readonly AlignedRow[]): HostBatch {
    const joined = (pick: (row: AlignedRow) => Int32Array): Int32Array =>
      Int32Array.from(rows.flatMap((row) => [...pick(row)]));
    return {
      ids: joined((row) => row.ids),
      targets: joined((row) => row.targets),
      segments: joined((row) => row.segments),
      extras: {
        teacher_ids: joined((row) => row.teacherIds),
        teacher_segments: joined((row) => row.teacherSegments),
        teacher_index: joined((row) => row.teacherIndex),
      },
    };
  }

  test('a prompt of two tokens: the divergence falls to next to nothing in a few dozen updates', async () => {
    const architecture = await implementationOf(ARCHITECTURE, llama());
    // Large weights: a prompt that the model ignores would have nothing to bake.
    const config = await completeHyperparameters(architecture, tinyLlama({ initializerStd: 0.3 }));
    const tensors = architecture.describe(config);
    const weights = initializeWeights(tensors, 3);
    const adapters = lora(tensors, { rank: 8, alpha: 8 });
    const output = [4, 5, 6];
    const pairs = [7, 8, 9, 10].map((x) => ({
      teacher: { before: [1, 30, 31, x], output },
      student: { before: [1, x], output },
    }));
    const batch = batchOf(alignedRows(pairs, SHAPE).rows);
    const extras = Object.entries(bakePromptExtras(SHAPE)).map(
      ([name, spec]) => [name, { ...spec, shape: [4, ...spec.shape] }] as const,
    );
    const trainer = await createTrainer(
      {
        ...{ engine, accumulation: 1, clipNorm: 1, seed: 1, shape: { rows: 4, length: SHAPE.length } },
        model: {
          ...{ architecture, config, objective: bakePrompt(), transform: adapters.transform },
          tensors: [...tensors, ...adapters.tensors],
          trainable: adapters.tensors.map(({ name }) => name),
          optimizer: await implementationOf(OPTIMIZER, adamW({ learningRate: 0.01, weightDecay: 0 })),
          reference: specsOf(weights),
          extras: Object.fromEntries(extras),
        },
      },
      { ...weights, ...adapters.initial(1) },
      weights,
    );
    const measured = async (): Promise<number> =>
      (await trainer.evaluate('param', [batch])).metrics[BAKING_DIVERGENCE]!;
    const before = await measured();
    for (let step = 1; step <= 60; step++)
      await trainer.step([batch], { step, learningRateScale: 1, emaDecay: 0 });
    const after = await measured();
    expect(before).toBeGreaterThan(0.05);
    expect(after).toBeLessThan(before / 50);
    await trainer.dispose();
  });
});
