import {
  LOOP_START,
  trainLoop,
  type LoopOptions,
  type LoopProgress,
  type StepResult,
  type Trainer,
} from '../../../nn/training/index.js';

/** A trainer whose updates are skipped at the given steps; notes what it was fed. */
class ScriptedTrainer {
  readonly fed: { step: number; skipped: number; learningRateScale: number; emaDecay: number }[] = [];

  /** @param lossScale of every update; without it the loss is not scaled */
  constructor(
    private readonly skipped: readonly number[] = [],
    private readonly lossScale?: number,
  ) {}

  step(
    _batches: unknown,
    scalars: { step: number; skipped: number; learningRateScale: number; emaDecay: number },
  ): Promise<StepResult> {
    this.fed.push(scalars);
    const skipped = this.skipped.includes(scalars.step);
    return Promise.resolve({
      loss: 1,
      crossEntropy: 1,
      accuracy: 0,
      gradNorm: skipped ? NaN : 1,
      skipped,
      metrics: {},
      ...(this.lossScale === undefined ? {} : { lossScale: this.lossScale }),
    });
  }
}

function options(trainer: ScriptedTrainer, overrides: Partial<LoopOptions> = {}): LoopOptions {
  const batch = { ids: new Int32Array(1), targets: new Int32Array(1), segments: new Int32Array(1) };
  return {
    trainer: trainer as unknown as Trainer,
    source: { nextBatch: () => batch, state: () => null },
    steps: 10,
    accumulation: 1,
    shapeAt: () => ({ rows: 1, length: 1 }),
    schedule: () => 1,
    emaDecay: 0.9,
    evaluateEvery: 2,
    evaluate: () => Promise.resolve(1),
    earlyStop: null,
    checkpointEvery: 4,
    save: () => Promise.resolve(),
    onStep: () => undefined,
    pausePoint: () => Promise.resolve(),
    ...overrides,
  };
}

describe('trainLoop', () => {
  it('feeds steps from 1, the schedule, and a warmed-up average', async () => {
    const trainer = new ScriptedTrainer();
    await trainLoop(options(trainer, { steps: 3, schedule: (step) => step / 10 }), LOOP_START);
    expect(trainer.fed).toEqual([
      { step: 1, skipped: 0, learningRateScale: 0.1, emaDecay: 2 / 11 },
      { step: 2, skipped: 0, learningRateScale: 0.2, emaDecay: 3 / 12 },
      { step: 3, skipped: 0, learningRateScale: expect.closeTo(0.3) as number, emaDecay: 4 / 13 },
    ]);
  });

  it('saves at the cadence and at the end', async () => {
    const saved: number[] = [];
    await trainLoop(
      options(new ScriptedTrainer(), { save: async (progress) => void saved.push(progress.step) }),
      LOOP_START,
    );
    expect(saved).toEqual([4, 8, 10]);
  });

  it('takes any number as better than a held-out loss that was none', async () => {
    const losses = [NaN, NaN, 3, NaN, 2];
    const best: number[] = [];
    const end = await trainLoop(
      options(new ScriptedTrainer(), {
        evaluate: () => Promise.resolve(losses.shift()!),
        onBest: async (progress) => void best.push(progress.step),
      }),
      LOOP_START,
    );
    expect(best).toEqual([2, 6, 10]);
    expect(end).toMatchObject({ best: { step: 10, loss: 2 }, staleEvaluations: 0 });
  });

  it('halves the learning rate for good when an update is skipped', async () => {
    const trainer = new ScriptedTrainer([3, 5]);
    const end = await trainLoop(options(trainer), LOOP_START);
    expect(trainer.fed.map((fed) => fed.learningRateScale)).toEqual([
      1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25,
    ]);
    expect(end).toMatchObject({ step: 10, skippedTotal: 2, skippedInARow: 0, learningRateFactor: 0.25 });
  });

  it('takes an overflow of a scaled loss for what it is: the scale was too large, not the learning rate', async () => {
    const trainer = new ScriptedTrainer([1, 2, 3, 4, 5, 6, 7], 2);
    const end = await trainLoop(options(trainer), LOOP_START);
    expect(trainer.fed.every((fed) => fed.learningRateScale === 1)).toBe(true);
    expect(end).toMatchObject({ step: 10, skippedTotal: 7, learningRateFactor: 1 });
    // With nothing left to halve, it is the gradient.
    const hopeless = trainLoop(options(new ScriptedTrainer([2, 3, 4, 5, 6], 1)), LOOP_START);
    await expect(hopeless).rejects.toMatchObject({ code: 'AF_TRAINING_DIVERGED' });
  });

  it('tells an optimizer which updates were applied', async () => {
    const trainer = new ScriptedTrainer([2, 4]);
    await trainLoop(options(trainer, { steps: 5 }), LOOP_START);
    expect(trainer.fed.map(({ step, skipped }) => step - skipped)).toEqual([1, 2, 2, 3, 3]);
  });

  it('fails after five skips in a row, saying what to do', async () => {
    const run = trainLoop(options(new ScriptedTrainer([2, 3, 4, 5, 6])), LOOP_START);
    await expect(run).rejects.toMatchObject({ code: 'AF_TRAINING_DIVERGED', at: 'training step 6' });
  });

  it('stops early after `patience` evaluations without an improvement of `minDelta`', async () => {
    const losses = [3, 2, 1.995, 1.994, 1.993];
    const end = await trainLoop(
      options(new ScriptedTrainer(), {
        steps: 100,
        earlyStop: { patience: 3, minDelta: 0.01 },
        evaluate: (progress) => Promise.resolve(losses[progress.step / 2 - 1]!),
      }),
      LOOP_START,
    );
    expect(end).toMatchObject({ step: 10, stoppedEarly: true, best: { step: 10, loss: 1.993 } });
  });

  it('tells of every new best', async () => {
    const losses = [3, 4, 2];
    const best: (LoopProgress['best'] | null)[] = [];
    await trainLoop(
      options(new ScriptedTrainer(), {
        steps: 6,
        evaluate: (progress) => Promise.resolve(losses[progress.step / 2 - 1]!),
        onBest: async (progress) => void best.push(progress.best),
      }),
      LOOP_START,
    );
    expect(best).toEqual([
      { step: 2, loss: 3 },
      { step: 6, loss: 2 },
    ]);
  });

  it('goes on from saved progress as if it had not been interrupted', async () => {
    const straight = new ScriptedTrainer([3]);
    const end = await trainLoop(options(straight), LOOP_START);
    const first = new ScriptedTrainer([3]);
    let saved: LoopProgress = LOOP_START;
    await trainLoop(
      options(first, { steps: 10, save: async (progress) => void (saved = progress) }),
      LOOP_START,
    ).catch(() => undefined);
    const half = await trainLoop(options(new ScriptedTrainer([3]), { steps: 4 }), LOOP_START);
    const second = new ScriptedTrainer([3]);
    const resumed = await trainLoop(options(second), JSON.parse(JSON.stringify(half)) as LoopProgress);
    expect(second.fed).toEqual(straight.fed.slice(4));
    expect(resumed).toEqual(end);
    expect(saved).toEqual(end);
  });

  it('goes on from where a review says that training stands, and saves that', async () => {
    const saved: LoopProgress[] = [];
    const seen: (number | undefined)[] = [];
    const end = await trainLoop(
      options(new ScriptedTrainer(), {
        evaluate: ({ step }) => Promise.resolve(-step),
        review: (progress) => {
          seen.push(progress.best?.step);
          return Promise.resolve({ ...progress, best: null, stoppedEarly: progress.step === 4 });
        },
        save: async (progress) => void saved.push(progress),
      }),
      LOOP_START,
    );
    expect(seen).toEqual([undefined, 2, undefined, 4]);
    expect(end).toMatchObject({ step: 4, best: null, stoppedEarly: true });
    expect(saved).toEqual([end]);
  });

  it('lets a pause leave after the step, not within it', async () => {
    const trainer = new ScriptedTrainer();
    const paused = trainLoop(
      options(trainer, {
        pausePoint: (progress) =>
          progress.step === 3 ? Promise.reject(new Error('paused')) : Promise.resolve(),
      }),
      LOOP_START,
    );
    await expect(paused).rejects.toThrow('paused');
    expect(trainer.fed).toHaveLength(3);
  });
});
