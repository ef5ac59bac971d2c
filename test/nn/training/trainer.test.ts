import type { Engine } from '../../../core/contracts/engine.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { averageEvaluations, fisherInformation } from '../../../nn/training/index.js';
import { trainedAttentions } from '../../../nn/training/model.js';
import { joinBatches, openTestEngine, patternBatch, tinyTrainer } from '../../support/training.js';

const scalars = (step: number) => ({ step, learningRateScale: 1, emaDecay: 0.5 });

function difference(a: TensorDict, b: TensorDict): number {
  return Math.max(
    ...Object.keys(a).map((name) =>
      Math.max(...[...a[name]!.data].map((value, i) => Math.abs(value - b[name]!.data[i]!))),
    ),
  );
}

describe('Trainer', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openTestEngine();
  });
  afterAll(() => engine.dispose());

  it('starts at ln V and learns a pattern', async () => {
    const trainer = await tinyTrainer(engine, { rows: 4 });
    const heldOut = [patternBatch(4, 999)];
    const before = await trainer.evaluate('param', heldOut);
    expect(before.crossEntropy).toBeCloseTo(Math.log(40), 1);
    for (let step = 1; step <= 60; step++)
      await trainer.step([patternBatch(4, step)], { ...scalars(step), learningRateScale: 5 });
    const after = await trainer.evaluate('param', heldOut);
    expect(after.crossEntropy).toBeLessThan(before.crossEntropy / 2);
    expect(after.targets).toBe(4 * 16);
    await trainer.dispose();
  });

  it('has no loss for nothing', async () => {
    const trainer = await tinyTrainer(engine);
    const batch = patternBatch(2, 1);
    const untargeted = { ...batch, targets: batch.targets.map(() => -1) };
    for (const nothing of [[], [untargeted]])
      await expect(trainer.evaluate('param', nothing)).rejects.toMatchObject({ code: 'AF_INTERNAL' });
    expect(() => averageEvaluations([])).toThrow(expect.objectContaining({ code: 'AF_INTERNAL' }) as Error);
    await trainer.dispose();
  });

  it('averages micro-batches: two of two rows give the update of one of four', async () => {
    const parts = [patternBatch(2, 1), patternBatch(2, 2)];
    const whole = await tinyTrainer(engine, { rows: 4 });
    const split = await tinyTrainer(engine, { rows: 2, accumulation: 2 });
    for (const step of [1, 2]) {
      const together = await whole.step([joinBatches(parts)], scalars(step));
      const apart = await split.step(parts, scalars(step));
      expect(apart.crossEntropy).toBeCloseTo(together.crossEntropy, 4);
      expect(apart.gradNorm / together.gradNorm).toBeCloseTo(1, 3);
    }
    expect(difference(await whole.weights('param'), await split.weights('param'))).toBeLessThan(1e-4);
    await whole.dispose();
    await split.dispose();
  });

  it.each([1, 2])('clips by the peaks of attention, over %d micro-batches', async (accumulation) => {
    const parts = [patternBatch(2, 1), patternBatch(2, 2)].slice(0, accumulation);
    const counts: (number | undefined)[] = [];
    for (const qkClipThreshold of [1e-6, 1e6]) {
      const trainer = await tinyTrainer(engine, { accumulation, qkClipThreshold });
      const { metrics } = await trainer.step(parts, scalars(1));
      counts.push(metrics['optim/qk_clip_count']);
      await trainer.dispose();
    }
    // Two blocks and two attentions of the recursion, of two heads each.
    expect(counts).toEqual([8, 0]);
  });

  it('goes on from a snapshot with the same bits', async () => {
    const straight = await tinyTrainer(engine, { hyperparameters: { dropout: 0.2 } });
    for (let step = 1; step <= 3; step++) await straight.step([patternBatch(2, step)], scalars(step));
    const snapshot = structuredClone(await straight.snapshot());
    for (let step = 4; step <= 6; step++) await straight.step([patternBatch(2, step)], scalars(step));
    const resumed = await tinyTrainer(engine, { hyperparameters: { dropout: 0.2 } });
    await resumed.restore(snapshot);
    for (let step = 4; step <= 6; step++) await resumed.step([patternBatch(2, step)], scalars(step));
    expect(await resumed.snapshot()).toEqual(await straight.snapshot());
    await straight.dispose();
    await resumed.dispose();
  });

  it('leaves parameters and average alone when a gradient is not finite', async () => {
    const trainer = await tinyTrainer(engine);
    const weights = await trainer.weights('param');
    const broken = structuredClone(weights);
    (broken['norm']!.data as Float32Array)[0] = NaN;
    await trainer.restore(
      Object.fromEntries(Object.entries(broken).map(([name, value]) => [`param/${name}`, value])),
    );
    const result = await trainer.step([patternBatch(2, 1)], scalars(1));
    expect(result.skipped).toBe(true);
    expect(await trainer.weights('param')).toEqual(broken);
    await trainer.dispose();
  });

  it('leaves queries and keys alone when their scores overflow', async () => {
    const trainer = await tinyTrainer(engine);
    const broken = structuredClone(await trainer.weights('param'));
    const { query, key } = trainedAttentions(trainer.options.model)[0]!;
    for (const name of [query, key]) (broken[name]!.data as Float32Array).fill(1e25);
    await trainer.restore(
      Object.fromEntries(Object.entries(broken).map(([name, value]) => [`param/${name}`, value])),
    );
    const result = await trainer.step([patternBatch(2, 1)], scalars(1));
    expect(result.skipped).toBe(true);
    expect(await trainer.weights('param')).toEqual(broken);
    await trainer.dispose();
  });

  it('keeps the average of the weights', async () => {
    const trainer = await tinyTrainer(engine);
    const first = (await trainer.weights('ema'))['norm']!.data[0]!;
    await trainer.step([patternBatch(2, 1)], { ...scalars(1), emaDecay: 0.25 });
    const weight = (await trainer.weights('param'))['norm']!.data[0]!;
    expect((await trainer.weights('ema'))['norm']!.data[0]!).toBeCloseTo(0.25 * first + 0.75 * weight, 6);
    await trainer.dispose();
  });

  it('compiles what a shape needs when it is first met, and keeps it', async () => {
    const compiled: string[] = [];
    const counting: Engine = {
      info: engine.info,
      compile: (fn, spec) => {
        compiled.push(`${spec.name} ${String(spec.inputs['ids']?.shape)}`);
        return engine.compile(fn, spec);
      },
      createState: (values) => engine.createState(values),
      dispose: () => Promise.resolve(),
    };
    const trainer = await tinyTrainer(counting);
    const small = { rows: 1, length: 16, steps: 1 };
    const one = await trainer.step([patternBatch(1, 1)], scalars(1), small);
    expect(Object.keys(one.metrics).filter((name) => name.startsWith('loss/step_'))).toEqual(['loss/step_0']);
    await trainer.step([patternBatch(2, 2)], scalars(2));
    await trainer.step([patternBatch(1, 3)], scalars(3), { rows: 1, length: 16 });
    await trainer.step([patternBatch(1, 4)], scalars(4), small);
    await trainer.step([patternBatch(2, 5)], scalars(5), { rows: 2, length: 16 });
    expect(compiled).toEqual(['train-step 1,16', 'train-step 2,16', 'train-step 1,16']);
    await trainer.dispose();
  });

  it('leaves no squares among the gradients when a measurement of the Fisher information is broken off', async () => {
    const trainer = await tinyTrainer(engine);
    const stop = (): never => {
      throw new Error('stopped');
    };
    await expect(fisherInformation(trainer, 'param', [patternBatch(2, 1)], stop)).rejects.toThrow('stopped');
    for (const { data } of Object.values(await trainer.read('grad')))
      expect(data.every((value) => value === 0)).toBe(true);
    await trainer.dispose();
  });

  it('measures the Fisher information as the mean squared gradient', async () => {
    const trainer = await tinyTrainer(engine);
    const one = await fisherInformation(trainer, 'param', [patternBatch(2, 1)]);
    const other = await fisherInformation(trainer, 'param', [patternBatch(2, 2)]);
    const both = await fisherInformation(trainer, 'param', [patternBatch(2, 1), patternBatch(2, 2)]);
    const name = 'layers.0.ffn.up';
    expect(Math.max(...one[name]!.data)).toBeGreaterThan(0);
    for (const [i, value] of both[name]!.data.entries()) {
      expect(value).toBeCloseTo((one[name]!.data[i]! + other[name]!.data[i]!) / 2, 9);
    }
    await trainer.dispose();
  });
});
