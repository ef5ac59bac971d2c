import type { ControlContext, RecordContext } from '../../../core/contracts/phase.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { fromGroup, inGroup, type LoopProgress, type Trainer } from '../../../nn/training/index.js';
import { recorder } from '../shared/metrics.js';
import { interveneInTheater, type TheaterChange } from '../shared/theater/index.js';
import type { TrainingReview } from '../shared/training/run.js';
import { OWN_METRICS } from './table.js';
import type { TheaterFinding } from './theater-test.js';

/** What the tests have done so far. JSON. */
export interface TheaterRecord {
  readonly tests: number;
  /** That were written for the tests. */
  readonly thoughts: number;
  /** Tests that found theater. */
  readonly failed: number;
  /** Update whose weights were the last to pass; 0: those that step 2 starts with. */
  readonly passedAt: number;
  /** What the weight of the KL term and the reward threshold are multiplied by. */
  readonly klFactor: number;
  readonly rewardThresholdFactor: number;
  /** Somebody ended step 2. */
  readonly stopped: boolean;
}

export const NO_THEATER: TheaterRecord = {
  ...{ tests: 0, thoughts: 0, failed: 0, passedAt: 0 },
  ...{ klFactor: 1, rewardThresholdFactor: 1, stopped: false },
};

export interface TheaterWatchParts {
  readonly ctx: Pick<ControlContext, 'intervene'> & Pick<RecordContext, 'event' | 'metric'>;
  readonly trainer: Pick<Trainer, 'read' | 'restore'>;
  /** Updates between two tests; 0: none. */
  readonly every: number;
  /** Test averaged weights. */
  readonly test: (averages: TensorDict) => Promise<TheaterFinding>;
  /** Weights that step 2 starts with, which it goes back to when none has passed. */
  readonly start: TensorDict;
  /** Weight and threshold before any test. */
  readonly klWeight: number;
  readonly rewardThreshold: number;
  /** Position of an update on the axis of the metrics. */
  readonly axis: (step: number) => number;
}

/**
 * Tests for theater while step 2 trains. Where thoughts are found to be theater, hooks are asked; without an answer the averaged
 * weights that passed last come back, the anchor is pulled harder, and a thought must be better to be reinforced. The moments of the
 * optimizer stay: they are of the whole run, and their correction goes by its updates.
 */
export class TheaterWatch implements TrainingReview {
  private found = NO_THEATER;
  private passed: TensorDict | null = null;

  constructor(private readonly parts: TheaterWatchParts) {}

  get record(): TheaterRecord {
    return this.found;
  }

  get klWeight(): number {
    return this.parts.klWeight * this.found.klFactor;
  }

  get rewardThreshold(): number {
    return this.parts.rewardThreshold * this.found.rewardThresholdFactor;
  }

  async after(progress: LoopProgress): Promise<LoopProgress> {
    const { every, test, trainer } = this.parts;
    const { step } = progress;
    if (every === 0 || step % every !== 0) return progress;
    const averages = fromGroup('ema', await trainer.read('ema'));
    const finding = await test(averages);
    const failed = finding.theater === true;
    this.found = {
      ...this.found,
      tests: this.found.tests + 1,
      thoughts: this.found.thoughts + finding.thoughts,
      failed: this.found.failed + Number(failed),
      ...(finding.theater === false ? { passedAt: step } : {}),
    };
    if (finding.theater === false) this.passed = averages;
    const after = failed ? await this.intervene(finding, progress) : progress;
    this.tell(finding, step);
    return after;
  }

  private async intervene({ alerts }: TheaterFinding, progress: LoopProgress): Promise<LoopProgress> {
    const { ctx } = this.parts;
    for (const alert of alerts) ctx.event('alert', { ...alert, task: 'thinking', step: progress.step });
    const change = await interveneInTheater(ctx);
    this.found = changed(this.found, change);
    const { rollBack, stop } = change;
    return { ...(rollBack ? await this.takeBack(progress) : progress), stoppedEarly: stop };
  }

  /** Whatever was best after the weights that passed is gone with what came after them. */
  private async takeBack(progress: LoopProgress): Promise<LoopProgress> {
    const { trainer, start } = this.parts;
    const weights = this.passed ?? start;
    await trainer.restore({ ...inGroup('param', weights), ...inGroup('ema', weights) });
    const { best } = progress;
    const stays = best !== null && best.step <= this.found.passedAt;
    return { ...progress, best: stays ? best : null, staleEvaluations: 0 };
  }

  private tell({ theater, measured }: TheaterFinding, step: number): void {
    const reading = { step: this.parts.axis(step), labels: { model: 'thinking' } };
    const record = recorder(this.parts.ctx, OWN_METRICS);
    for (const [name, value] of Object.entries(measured) as [keyof typeof measured, number | null][])
      record(`anti_theater/${name}`, value, reading);
    record('anti_theater/all_passed', theater === null ? null : !theater, {
      ...reading,
      reason: 'no question fits the context',
    });
    record('anti_theater/kl_weight', this.klWeight, reading);
    record('anti_theater/reward_threshold', this.rewardThreshold, reading);
  }

  state(): TheaterRecord {
    return this.found;
  }

  tensors(): TensorDict {
    return this.passed ?? {};
  }

  restore(state: unknown, tensors: TensorDict): void {
    this.found = state as TheaterRecord;
    this.passed = Object.keys(tensors).length === 0 ? null : tensors;
  }
}

function changed(before: TheaterRecord, change: TheaterChange): TheaterRecord {
  return {
    ...before,
    klFactor: before.klFactor * change.klFactor,
    rewardThresholdFactor: before.rewardThresholdFactor * change.rewardThresholdFactor,
    stopped: change.stop,
  };
}
