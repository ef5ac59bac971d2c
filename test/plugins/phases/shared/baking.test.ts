import * as tf from '@tensorflow/tfjs';
import type { BakingExample } from '../../../../core/contracts/baking.js';
import type { Engine } from '../../../../core/contracts/engine.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { interpolate } from '../../../../nn/adapters/index.js';
import { bake } from '../../../../plugins/phases/shared/baking/bake.js';
import { halfBake } from '../../../../plugins/phases/shared/baking/half-bake.js';
import { openMeasurement } from '../../../../plugins/phases/shared/baking/measure.js';
import { pursue } from '../../../../plugins/phases/shared/baking/pursue.js';
import { sequence } from '../../../../plugins/phases/shared/baking/sequence.js';
import type {
  Baked,
  BakingContext,
  BakingRequest,
  BakingStart,
} from '../../../../plugins/phases/shared/baking/types.js';
import { prepareBaking } from '../../../../plugins/phases/shared/baking/work.js';
import {
  bakingBench,
  example,
  MemoryArea,
  request,
  TINY_TRAINING,
  type BakingBench,
} from '../../../support/baking.js';
import { letterTokenizer } from '../../../../testing/index.js';
import { openTestEngine } from '../../../support/training.js';

let engine: Engine;
let bench: BakingBench;
beforeAll(async () => {
  engine = await openTestEngine();
  bench = await bakingBench(engine);
});
afterAll(async () => {
  await bench.kernel.dispose();
  await engine.dispose();
});

/** Held-out loss of weights as the request's own teacher judges it. */
async function lossOf(own: BakingRequest, weights: TensorDict): Promise<number> {
  const measurement = await openMeasurement(bench.ctx, await prepareBaking(bench.ctx, bench.start, own));
  try {
    return await measurement.lossOf(weights);
  } finally {
    await measurement.dispose();
  }
}

describe('a bake', () => {
  let own: BakingRequest;
  let baked: Baked;
  beforeAll(async () => {
    own = request();
    baked = await bake(bench.ctx, bench.start, own);
  });

  test('brings the held-out divergence down, and records what it did', async () => {
    const [entry] = baked.entries;
    expect(baked.entries).toHaveLength(1);
    expect(entry).toMatchObject({
      ...{ name: 'test', method: 'prompts', measured: 'baking/kl', strength: 1, share: 1, steps: 20 },
      ...{ round: null, kept: true, seed: 1, options: {} },
      examples: { train: 6, heldOut: 5, skipped: 0 },
      // Three letters and the end of the document of each of five.
      targets: 20,
      // sha256 of "pqr".
      prompts: ['d24bd97b5fb24761112354dec329c70a5c6e2dedcc9a6df160eefd1d671efe56'],
    });
    expect(entry!.after).toBeLessThan(0.8 * entry!.before);
    expect(entry!.seconds).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(entry))).toEqual(entry);
  });

  test('gives the weights of the plain model, and measures those', async () => {
    expect(Object.keys(baked.weights)).toEqual(Object.keys(bench.start.model.weights));
    expect(await lossOf(own, baked.weights)).toBeCloseTo(baked.entries[0]!.after, 6);
    expect(await lossOf(own, bench.start.model.weights)).toBeCloseTo(baked.entries[0]!.before, 6);
  });

  test('that was finished is not done again; another one in its place is refused', async () => {
    expect(await bake(bench.ctx, bench.start, own)).toEqual(baked);
    await expect(bake(bench.ctx, bench.start, { ...own, steps: 21 })).rejects.toMatchObject({
      code: 'AF_DATA_CHANGED',
    });
  });

  test('that is paused goes on to the same bits', async () => {
    const area = new MemoryArea();
    let points = 0;
    const pausing = {
      ...bench.ctx,
      pausePoint: async (save: () => Promise<void>) => {
        if (++points === 13) {
          await save();
          throw new Error('paused');
        }
      },
    };
    await expect(bake(pausing, bench.start, { ...own, area })).rejects.toThrow('paused');
    const resumed = await bake(bench.ctx, bench.start, { ...own, area });
    expect(resumed.weights).toEqual(baked.weights);
    expect({ ...resumed.entries[0], seconds: 0 }).toEqual({ ...baked.entries[0], seconds: 0 });
  });
});

test('a prompt that the model ignores bakes nothing: no divergence before or after, no change of what it computes', async () => {
  const { model, tokenizer } = bench.start;
  // Nothing that was read before a token reaches its prediction.
  const deaf = Object.fromEntries(
    model.tensors.map(({ name, role }) => {
      const tensor = model.weights[name]!;
      const data = role === 'attention-output' ? new Float32Array(tensor.data.length) : tensor.data;
      return [name, { ...tensor, data }];
    }),
  );
  const start: BakingStart = { model: { ...model, weights: deaf }, tokenizer };
  const training = { ...TINY_TRAINING, evaluateEvery: 5 };
  const { weights, entries } = await bake(bench.ctx, start, request({ steps: 5, training }));
  expect(entries).toMatchObject([{ before: 0, after: 0, strength: null }]);
  expect(weights).toEqual(deaf);
});

test('a model that reads what its teacher reads has nothing to learn', async () => {
  const alike = ({ input, ...rest }: BakingExample): BakingExample => {
    const ids = [1, ...letterTokenizer.encode(`pqr${input}`)];
    return { ...rest, input, read: { model: ids, teacher: ids } };
  };
  const { train, heldOut } = request();
  const same = { train: train.map(alike), heldOut: heldOut.map(alike) };
  const { weights, entries } = await bake(bench.ctx, bench.start, request({ steps: 2, ...same }));
  expect(entries).toMatchObject([{ before: 0, after: 0, strength: null }]);
  expect(weights).toEqual(bench.start.model.weights);
});

test('the best weights by held-out loss are what is baked, not the last ones', async () => {
  const losses: number[] = [];
  const ctx: BakingContext = {
    ...bench.ctx,
    metric: (name, value) => {
      if (name === 'valid/loss') losses.push(value as number);
    },
  };
  const own = request({
    ...{ steps: 6, training: { ...TINY_TRAINING, schedule: 'constant-then-linear', evaluateEvery: 1 } },
    optimizer: { use: 'adamw', options: { learningRate: 0.3, weightDecay: 0 } },
  });
  const { entries } = await bake(ctx, bench.start, own);
  expect(losses).toHaveLength(6);
  expect(losses.at(-1)).toBeGreaterThan(Math.min(...losses));
  expect(entries[0]!.after).toBeCloseTo(Math.min(...losses), 5);
});

test('a transform applies to student and teacher: as if the weights were the transformed ones', async () => {
  const { model } = bench.start;
  const doubled = Object.fromEntries(
    Object.entries(model.weights).map(([name, tensor]) => [
      name,
      { ...tensor, data: Float32Array.from(tensor.data, (value) => 2 * value) },
    ]),
  );
  const transform: BakingRequest['transform'] = (params) =>
    Object.fromEntries(Object.entries(params).map(([name, value]) => [name, tf.mul(value, 2)]));
  const before = async (start: BakingStart, changes: Partial<BakingRequest>): Promise<number> =>
    (await bake(bench.ctx, start, request({ steps: 1, ...changes }))).entries[0]!.before;
  const plain = await before(bench.start, {});
  const within = await before(bench.start, { transform });
  expect(within).toBeCloseTo(await before({ ...bench.start, model: { ...model, weights: doubled } }, {}), 4);
  expect(Math.abs(within - plain)).toBeGreaterThan(0.01);
});

test('traces are baked by their cross-entropy, into all weights, several to a row', async () => {
  const words = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((letter) => ({
    ...example(letter, 'z'),
    trace: 'y',
  }));
  const own = request({
    method: { use: 'traces', options: {} },
    ...{ train: words.slice(0, 6), heldOut: words.slice(6), steps: 15 },
  });
  const work = await prepareBaking(bench.ctx, bench.start, own);
  // Five tokens each: two to a row of twelve.
  expect(work.train.rows).toHaveLength(3);
  const { entries } = await bake(bench.ctx, bench.start, own);
  expect(entries[0]).toMatchObject({ measured: 'cross-entropy', targets: 6, prompts: [] });
  expect(entries[0]!.after).toBeLessThan(entries[0]!.before / 2);
});

describe('texts of the teacher', () => {
  const open = ['a', 'b', 'c'].map((input) => example(input, '', 'pqr'));
  const method = { use: 'prompts', options: { perExample: 3, maxTokens: 4, temperatures: [1, 0] } };

  test('are written where there is no output, the same for the same seed', async () => {
    const own = request({ method, train: open, heldOut: open.slice(0, 1) });
    const rows = async (changes: Partial<BakingRequest> = {}) =>
      (await prepareBaking(bench.ctx, bench.start, { ...own, ...changes })).train.rows.map(({ ids }) => [
        ...ids,
      ]);
    const first = await rows();
    expect(first.length).toBeGreaterThan(3);
    expect(first.length).toBeLessThanOrEqual(9);
    expect(await rows()).toEqual(first);
    expect(await rows({ seed: 2 })).not.toEqual(first);
    for (const [start, input] of first) expect([start, input! >= 3]).toEqual([1, true]);
  });
});

describe('half of a bake', () => {
  test('is the line to the full one, cut where the measured strength is 0.5', async () => {
    const own = request();
    const half = await halfBake(bench.ctx, bench.start, own);
    const full = await bake(bench.ctx, bench.start, request());
    const [entry] = half.entries;
    expect(Math.abs(entry!.strength! - 0.5)).toBeLessThanOrEqual(0.05);
    expect(half.weights).toEqual(interpolate(bench.start.model.weights, full.weights, entry!.share));
    const [before, after] = [full.entries[0]!.before, full.entries[0]!.after];
    const measured = await lossOf(own, half.weights);
    expect(Math.abs((before - measured) / (before - after) - 0.5)).toBeLessThanOrEqual(0.05);
    expect(entry!.after).toBeCloseTo(measured, 6);
  });

  test('of a bake without effect is the model as it was', async () => {
    const optimizer = { use: 'adamw', options: { learningRate: 0, weightDecay: 0 } };
    const { weights, entries } = await halfBake(bench.ctx, bench.start, request({ optimizer, steps: 1 }));
    expect(weights).toEqual(bench.start.model.weights);
    expect(entries[0]).toMatchObject({ strength: null, share: 0, after: entries[0]!.before });
  });
});

describe('a pursuit', () => {
  const short = (): BakingRequest => request({ steps: 4, training: { ...TINY_TRAINING, evaluateEvery: 4 } });

  /** Scores by round, and the weights they were asked for. */
  function scripted(scores: readonly number[]) {
    const seen: TensorDict[] = [];
    const score = async (weights: TensorDict, round: number): Promise<number> => {
      seen.push(weights);
      return scores[round]!;
    };
    return { seen, score };
  }

  test('keeps the best round, also when a later one is worse, and says so', async () => {
    const { seen, score } = scripted([1, 2, 3, 2.5, 9]);
    const { weights, entries } = await pursue(bench.ctx, bench.start, short(), { rounds: 4, score });
    // Round 3 gains nothing: round 4 is not tried.
    expect(seen).toHaveLength(4);
    expect(weights).toEqual(seen[2]);
    expect(entries.map(({ round, kept }) => [round, kept])).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
    // Each round begins where the one before ended.
    expect(new Set(entries.map(({ before }) => before)).size).toBe(3);
  });

  test('stops at a gain below 1 %, and keeps that round if it is the best', async () => {
    const { seen, score } = scripted([1, 2, 2.01, 9]);
    const { weights } = await pursue(bench.ctx, bench.start, short(), { rounds: 3, score });
    expect(seen).toHaveLength(3);
    expect(weights).toEqual(seen[2]);
  });

  test('that makes nothing better gives the model it began with', async () => {
    const { score } = scripted([5, 4]);
    const { weights, entries } = await pursue(bench.ctx, bench.start, short(), { rounds: 3, score });
    expect(weights).toEqual(bench.start.model.weights);
    expect(entries.map(({ kept }) => kept)).toEqual([false]);
  });

  test('without a score goes by the held-out divergence from the first teacher', async () => {
    const own = short();
    const { weights, entries } = await pursue(bench.ctx, bench.start, own, { rounds: 1 });
    expect(entries).toHaveLength(1);
    expect(await lossOf(own, weights)).toBeLessThan(await lossOf(own, bench.start.model.weights));
  });
});

test('a sequence keeps its order: each step begins with what the one before gave', async () => {
  const given: TensorDict[] = [];
  const step =
    (name: string) =>
    async ({ model }: { readonly model: { readonly weights: TensorDict } }): Promise<Baked> => {
      given.push(model.weights);
      const weights = {
        [name]: { shape: [1], dtype: 'float32' as const, data: Float32Array.of(given.length) },
      };
      return { weights, entries: [{ name } as Baked['entries'][number]] };
    };
  const { weights, entries } = await sequence(bench.start, [step('first'), step('second'), step('third')]);
  expect(entries.map(({ name }) => name)).toEqual(['first', 'second', 'third']);
  expect(given.map((each) => Object.keys(each)[0])).toEqual([
    Object.keys(bench.start.model.weights)[0],
    'first',
    'second',
  ]);
  expect(Object.keys(weights)).toEqual(['third']);
  expect(await sequence(bench.start, [])).toEqual({ weights: bench.start.model.weights, entries: [] });
});

describe('what cannot be baked is told before it is tried', () => {
  test.each([
    ['rows longer than the context', { training: { ...TINY_TRAINING, length: 30 } }, 'AF_CONFIG_INVALID'],
    [
      'stages of shorter rows',
      { training: { ...TINY_TRAINING, stages: [{ until: 0.5, length: 8 }] } },
      'AF_CONFIG_INVALID',
    ],
    ['examples that fit no row', { train: [example('a', 'x'.repeat(20), 'p')] }, 'AF_BAKING_DATA'],
    ['nothing held out', { heldOut: [] }, 'AF_BAKING_DATA'],
    ['a method that is not there', { method: { use: 'nothing', options: {} } }, 'AF_PLUGIN_UNKNOWN'],
  ])('%s', async (_, changes, code) => {
    await expect(bake(bench.ctx, bench.start, request(changes))).rejects.toMatchObject({ code });
  });
});
