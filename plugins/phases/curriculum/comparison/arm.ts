import type { BakingRow } from '../../../../core/contracts/baking.js';
import { isForgeError } from '../../../../core/errors/index.js';
import type { LossPoint } from '../../../../nn/evaluation/index.js';
import {
  LOOP_START,
  trainLoop,
  type HostBatch,
  type LoopProgress,
  type Trainer,
} from '../../../../nn/training/index.js';
import type { BakingSource } from '../../shared/baking/rows.js';
import type { OptimizerOptions } from '../../shared/options.js';
import { distinctShapes, recursionStepsOf, type ShapeSchedule } from '../../shared/training/stages.js';
import { openTrainer } from '../../shared/training/trainer.js';
import type { CurriculumRun } from '../prepare.js';
import { keeping } from '../keeping.js';
import { rateSchedule, rowExtras, sourceOf, stretchParts, stretchShapes } from '../stretch-training.js';
import type { Stretch } from '../stretch.js';

/** What no arm learns from. */
export interface Validation {
  readonly text: readonly HostBatch[];
  /** Held-out tasks; of them answers alone count. */
  readonly tasks: readonly HostBatch[];
}

/** An evaluation: `loss` is the mean of the other two, each a mean over its own tokens, nats. */
export interface ComparisonPoint extends LossPoint {
  readonly text: number;
  readonly tasks: number;
}

/** How an arm went. JSON. */
export interface ArmCurve {
  readonly name: string;
  readonly optimizer: OptimizerOptions;
  /** The first one is the model that came in. */
  readonly points: readonly ComparisonPoint[];
  /** Median of its updates: a process that was held up between two evaluations does not change it. Null before the first. */
  readonly millisecondsPerUpdate: number | null;
  /** It had no finite gradient or loss any more: its curve ends before the others'. */
  readonly diverged: boolean;
}

/** An arm by its name, and what is trained on. */
export interface ArmSettings {
  readonly name: string;
  readonly optimizer: OptimizerOptions;
  /** As main training learns from them. */
  readonly stretch: Pick<Stretch, 'name' | 'rate' | 'shapes'>;
  readonly rows: readonly BakingRow[];
  readonly steps: number;
  readonly validation: Validation;
}

/** A trainer of its own for one optimizer, from the latents that came in. Dispose of it afterwards. */
export class Arm {
  private readonly points: ComparisonPoint[] = [];
  private progress: LoopProgress = LOOP_START;
  private seconds = 0;
  private readonly milliseconds: number[] = [];
  private diverged = false;
  private readonly source: BakingSource;
  private readonly schedule: (step: number) => number;
  private readonly shapes: ShapeSchedule;

  private constructor(
    private readonly run: CurriculumRun,
    private readonly settings: ArmSettings,
    private readonly trainer: Trainer,
  ) {
    const { stretch, rows, steps } = settings;
    this.source = sourceOf(run, stretch, rows, rowExtras(run));
    this.schedule = rateSchedule(run, stretch, 0, steps);
    this.shapes = stretchShapes(run, stretch, 0, steps);
  }

  static async open(run: CurriculumRun, settings: ArmSettings): Promise<Arm> {
    const parts = keeping(stretchParts(run, settings.optimizer), run.options.data.keep);
    return new Arm(run, settings, await openTrainer(run.ctx, parts));
  }

  get curve(): ArmCurve {
    const { name, optimizer } = this.settings;
    const millisecondsPerUpdate = middle(this.milliseconds);
    return { name, optimizer, points: this.points, millisecondsPerUpdate, diverged: this.diverged };
  }

  /** The newest evaluation. */
  get latest(): ComparisonPoint | null {
    return this.points.at(-1) ?? null;
  }

  /** Compile all that its seconds are not to hold, and evaluate the model that came in. */
  async begin(): Promise<void> {
    const { measuring, start } = this.run;
    const { stretch, rows } = this.settings;
    const before = await this.trainer.snapshot();
    const source = sourceOf(this.run, stretch, rows, rowExtras(this.run));
    const recursionSteps = recursionStepsOf(start.architecture, start.config.hyperparameters);
    for (const shape of distinctShapes(measuring.training, recursionSteps)) {
      const batches = Array.from({ length: measuring.training.accumulation }, () =>
        source.nextBatch(shape.rows),
      );
      await this.trainer.step(batches, { step: 1, learningRateScale: 0, emaDecay: 1 }, shape);
    }
    await this.trainer.restore(before);
    await this.evaluate(0);
  }

  /** Train up to an update, and evaluate there; one that diverged stays where it was. */
  async advance(to: number): Promise<void> {
    if (this.diverged) return;
    const { training } = this.run.measuring;
    const { accumulation, emaDecay } = training;
    let began = 0;
    const source = {
      nextBatch: ({ rows }: { readonly rows: number }): HostBatch => {
        const batch = this.source.nextBatch(rows);
        began = performance.now();
        return batch;
      },
      state: () => this.source.state(),
    };
    const nothing = (): Promise<void> => Promise.resolve();
    try {
      this.progress = await trainLoop(
        {
          ...{ trainer: this.trainer, source, steps: to, accumulation, emaDecay, schedule: this.schedule },
          ...{ evaluateEvery: to, checkpointEvery: to, earlyStop: null, save: nothing },
          shapeAt: (step) => this.shapes.at(step),
          evaluate: ({ step }) => this.evaluate(step),
          onStep: () => {
            const taken = performance.now() - began;
            this.milliseconds.push(taken);
            this.seconds += taken / 1000;
          },
          pausePoint: () => this.run.ctx.pausePoint(nothing),
        },
        this.progress,
      );
    } catch (error) {
      if (!isForgeError(error) || error.code !== 'AF_TRAINING_DIVERGED') throw error;
      this.diverged = true;
    }
  }

  dispose(): Promise<void> {
    return this.trainer.dispose();
  }

  /** With averaged weights, which are what goes on of main training. */
  private async evaluate(step: number): Promise<number> {
    const { validation } = this.settings;
    const lossOf = async (batches: readonly HostBatch[]): Promise<number> =>
      (await this.trainer.evaluate('ema', batches)).crossEntropy;
    const [text, tasks] = [await lossOf(validation.text), await lossOf(validation.tasks)];
    const loss = (text + tasks) / 2;
    if (Number.isFinite(loss)) this.points.push({ step, seconds: this.seconds, loss, text, tasks });
    else this.diverged = true;
    return loss;
  }
}

/** The lower one of two in the middle. */
function middle(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? null;
}
