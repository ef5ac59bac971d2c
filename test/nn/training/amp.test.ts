import type { Engine } from '../../../core/contracts/engine.js';
import type { Amp, Trainer } from '../../../nn/training/index.js';
import { describeOnEngines, useCpuBackend } from '../../support/engines.js';
import { factorBatch, poisonedTrainer } from '../../support/poisoned.js';
import { openTestEngine } from '../../support/training.js';

const scalars = (step: number, skipped = 0) => ({ step, skipped, learningRateScale: 1, emaDecay: 0.5 });
const number = (value: number) => ({ shape: [], dtype: 'float32', data: Float32Array.of(value) }) as const;

async function scaleOf(trainer: Trainer): Promise<Record<string, number>> {
  const values = Object.entries(await trainer.read('amp'));
  return Object.fromEntries(values.map(([name, { data }]) => [name.slice('amp/'.length), data[0]!]));
}

describeOnEngines('the scale of the loss', (_compute, engine) => {
  test.each([1, 2])(
    'over %d micro-batches: halves and skips, doubles after 2,000 clean updates',
    async (accumulation) => {
      const trainer = await poisonedTrainer(engine(), 'mugrokfast', { amp: 'emulate-fp16', accumulation });
      const batches = (seed: number, factor = 1) =>
        Array.from({ length: accumulation }, (_, i) => factorBatch(seed + i, factor));
      expect(await scaleOf(trainer)).toEqual({ scale: 65536, clean: 0, overflows: 0 });

      const weights = await trainer.weights('param');
      const overflow = await trainer.step(batches(1, 1e6), scalars(1));
      expect(overflow).toMatchObject({ skipped: true, lossScale: 65536 });
      expect(overflow.metrics['amp/overflow_count']).toBe(1);
      expect(await trainer.weights('param')).toEqual(weights);
      expect(await scaleOf(trainer)).toEqual({ scale: 32768, clean: 0, overflows: 1 });

      await trainer.restore({ 'amp/clean': number(1998) });
      const clean = await trainer.step(batches(3), scalars(2, 1));
      expect(clean).toMatchObject({ skipped: false, lossScale: 32768 });
      expect(await scaleOf(trainer)).toEqual({ scale: 32768, clean: 1999, overflows: 1 });
      await trainer.step(batches(5), scalars(3, 1));
      expect(await scaleOf(trainer)).toEqual({ scale: 65536, clean: 0, overflows: 1 });

      await trainer.restore({ 'amp/scale': number(1) });
      await trainer.step(batches(7, NaN), scalars(4, 1));
      expect((await scaleOf(trainer))['scale']).toBe(1);
      await trainer.dispose();
    },
  );
});

describe('training with products of 16 bits', () => {
  let engine: Engine;
  useCpuBackend();
  beforeAll(async () => {
    engine = await openTestEngine();
  });
  afterAll(() => engine.dispose());

  const open = (amp?: Amp): Promise<Trainer> =>
    poisonedTrainer(engine, 'mugrokfast', amp === undefined ? {} : { amp });

  test('off is the same to the bit as never heard of', async () => {
    const [off, none] = [await open('off'), await open()];
    for (const trainer of [off, none])
      for (const step of [1, 2, 3]) await trainer.step([factorBatch(step)], scalars(step));
    expect(await off.snapshot()).toEqual(await none.snapshot());
    expect(Object.keys(off.state.specs).some((name) => name.startsWith('amp/'))).toBe(false);
    for (const trainer of [off, none]) await trainer.dispose();
  });

  test('both formats learn what float32 learns, to one percent of the loss, and are not float32', async () => {
    const losses: Partial<Record<Amp, number>> = {};
    for (const amp of ['off', 'emulate-bf16', 'emulate-fp16'] as const) {
      const trainer = await open(amp);
      for (let step = 1; step <= 40; step++)
        await trainer.step([factorBatch(step)], { ...scalars(step), learningRateScale: 3 });
      losses[amp] = (await trainer.evaluate('param', [factorBatch(99)])).crossEntropy;
      await trainer.dispose();
    }
    const { off, ...low } = losses;
    expect(off).toBeLessThan(Math.log(40) - 0.5);
    for (const loss of Object.values(low)) {
      expect(loss).not.toBe(off);
      expect(Math.abs(loss / off! - 1)).toBeLessThan(0.01);
    }
  });

  test('a scale changes no gradient that half floats can hold, and saves those that they cannot', async () => {
    const norms: number[] = [];
    const lost: number[] = [];
    for (const scale of [2 ** -20, 65536]) {
      const trainer = await open('emulate-fp16');
      await trainer.restore({ 'amp/scale': number(scale) });
      const { gradNorm, metrics } = await trainer.step([factorBatch(1)], scalars(1));
      norms.push(gradNorm);
      lost.push(metrics['amp/underflow_fraction']!);
      await trainer.dispose();
    }
    const exact = await open();
    const { gradNorm } = await exact.step([factorBatch(1)], scalars(1));
    expect(norms[1]! / gradNorm).toBeCloseTo(1, 2);
    expect(norms[0]! / gradNorm).toBeLessThan(0.99);
    expect(lost[0]).toBeGreaterThan(0.5);
    expect(lost[1]).toBeLessThan(0.1);
    await exact.dispose();
  });

  test('the scale is part of a snapshot; a trainer without one leaves it out', async () => {
    const straight = await open('emulate-fp16');
    await straight.step([factorBatch(1, 1e6)], scalars(1));
    await straight.step([factorBatch(2)], scalars(2, 1));
    const snapshot = structuredClone(await straight.snapshot());
    await straight.step([factorBatch(3)], scalars(3, 1));
    const resumed = await open('emulate-fp16');
    await resumed.restore(snapshot);
    await resumed.step([factorBatch(3)], scalars(3, 1));
    expect(await resumed.snapshot()).toEqual(await straight.snapshot());
    const plain = await open();
    await plain.restore(snapshot);
    expect(await plain.weights('param')).not.toEqual(await straight.weights('param'));
    for (const trainer of [straight, resumed, plain]) await trainer.dispose();
  });
});
