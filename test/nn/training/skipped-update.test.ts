import type { TensorDict } from '../../../core/contracts/tensor.js';
import type { HostBatch, Trainer } from '../../../nn/training/index.js';
import { describeOnEngines } from '../../support/engines.js';
import { factorBatch, OPTIMIZERS, poisonedTrainer } from '../../support/poisoned.js';

const scalars = (step: number, skipped = 0) => ({ step, skipped, learningRateScale: 1, emaDecay: 0.5 });

/** The bits of every tensor: unlike numbers they tell 0 from -0. */
function bits(tensors: TensorDict): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
    ]),
  );
}

const everything = async (trainer: Trainer): Promise<Record<string, string>> =>
  bits(await trainer.state.read(Object.keys(trainer.state.specs)));

const cases = Object.keys(OPTIMIZERS).flatMap((optimizer) =>
  [1, 2].map((accumulation) => [optimizer as keyof typeof OPTIMIZERS, accumulation] as const),
);

describeOnEngines('an update whose gradient is not finite', (_compute, engine) => {
  const batches = (seed: number, count: number, factor?: number): HostBatch[] =>
    // The last of the micro-batches is the bad one.
    Array.from({ length: count }, (_, i) => factorBatch(seed + i, i === count - 1 ? factor : undefined));

  test.each(cases)('leaves no trace with %s over %d micro-batches', async (optimizer, accumulation) => {
    const trainer = await poisonedTrainer(engine(), optimizer, { accumulation });
    const smooth = await poisonedTrainer(engine(), optimizer, { accumulation });
    for (const each of [trainer, smooth])
      expect((await each.step(batches(1, accumulation), scalars(1))).skipped).toBe(false);
    const before = await everything(trainer);
    for (const [i, factor] of [NaN, Infinity].entries()) {
      const result = await trainer.step(batches(10, accumulation, factor), scalars(2 + i, i));
      expect(result.skipped).toBe(true);
      expect(result.metrics['optim/update_norm']).toBe(0);
      expect(await everything(trainer)).toEqual(before);
    }
    // What follows is what would have followed without it: the optimizer counts what it applied.
    await trainer.step(batches(20, accumulation), scalars(4, 2));
    await smooth.step(batches(20, accumulation), scalars(2));
    const after = await everything(trainer);
    expect(after).toEqual(await everything(smooth));
    expect(after).not.toEqual(before);
    for (const each of [trainer, smooth]) await each.dispose();
  });

  test('at the first update: the average of the filter still starts at the first gradient', async () => {
    const trainer = await poisonedTrainer(engine(), 'mugrokfast');
    const smooth = await poisonedTrainer(engine(), 'mugrokfast');
    await trainer.step([factorBatch(1, NaN)], scalars(1));
    await trainer.step([factorBatch(2)], scalars(2, 1));
    await smooth.step([factorBatch(2)], scalars(1));
    expect(await everything(trainer)).toEqual(await everything(smooth));
    for (const each of [trainer, smooth]) await each.dispose();
  });
});
