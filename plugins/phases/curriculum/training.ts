import { createHash } from 'node:crypto';
import type { BakingRow } from '../../../core/contracts/baking.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import type { Document } from '../../../nn/data/index.js';
import { weightsHash } from '../../../nn/models/index.js';
import { SELF_MODEL_ERROR } from '../../../nn/objectives/index.js';
import {
  fromGroup,
  inGroup,
  type HostBatch,
  type StepResult,
  type Trainer,
} from '../../../nn/training/index.js';
import { bakingBatches } from '../shared/baking/rows.js';
import type { LiveModel } from '../shared/model/open.js';
import { FlipWatch, uncounted } from '../shared/quantized/flips.js';
import { latentModel, ternaryMatrices, type LatentModel } from '../shared/quantized/latent.js';
import { expanded, pack } from '../shared/quantized/pack.js';
import { returnTo, runEnd, trainRun, type RunEnd } from '../shared/training/run.js';
import { openTrainer, type TrainerParts } from '../shared/training/trainer.js';
import { StepTally } from './tally.js';
import { codesTold } from './codes-told.js';
import { keeping } from './keeping.js';
import type { CurriculumRun } from './prepare.js';
import { selfModelParts, withoutSelfModel, type SelfModelParts } from './self-model.js';
import { SoftTrainer } from './soft-trainer.js';
import {
  rateSchedule,
  readable,
  rowExtras,
  rowsOf,
  sourceOf,
  stretchParts,
  stretchShapes,
} from './stretch-training.js';
import type { Stretch, StretchEnd, StretchName } from './stretch.js';

/**
 * Trains latents under straight-through estimation, stretch after stretch, with one optimizer. Every stretch has checkpoints
 * of its own and begins where the one before ended.
 */
export class Forge {
  private end: RunEnd | null = null;
  private shape: LiveModel | null = null;
  /** How often main training read everything. */
  epochs = 0;
  readonly tally = new StepTally();
  private readonly watch: FlipWatch;
  private readonly soft: SoftTrainer;

  private constructor(
    private readonly run: CurriculumRun,
    readonly trainer: Trainer,
    parts: TrainerParts,
    private readonly self: SelfModelParts,
  ) {
    const { ctx, start, quantization, options } = run;
    this.soft = new SoftTrainer(ctx, parts);
    this.watch = new FlipWatch(
      codesTold(ctx),
      ternaryMatrices(ctx, start, quantization),
      trainer,
      options.forge.watchEvery,
    );
  }

  /** Dispose of it afterwards. */
  static async open(run: CurriculumRun): Promise<Forge> {
    const { ctx, options } = run;
    const base = stretchParts(run, options.forge.optimizer);
    const self = selfModelParts(options.forge.selfModel, base.shape);
    const parts: TrainerParts = {
      ...base,
      shape: { ...base.shape, tensors: [...base.shape.tensors, ...self.tensors] },
      weights: { ...base.weights, ...self.weights },
      objective: self.over(base.objective),
    };
    return new Forge(run, await openTrainer(ctx, keeping(parts, options.data.keep)), parts, self);
  }

  get step(): number {
    return this.end?.step ?? 0;
  }

  /** Rows of text as the trainer reads them: nothing of it is kept. */
  readable(batches: readonly HostBatch[]): readonly HostBatch[] {
    return readable(this.run, batches);
  }

  /** Train; a stretch that was finished before is not trained again. */
  async train(stretch: Stretch): Promise<StretchEnd> {
    const rows = rowsOf(this.run, stretch);
    const { training } = this.run.measuring;
    const { teacher } = stretch;
    const each = training.rows * training.accumulation;
    const steps = rows.length === 0 ? 0 : (stretch.steps ?? Math.ceil(rows.length / each));
    if (steps === 0) return { step: this.step, loss: null, ended: null };
    if (stretch.name === 'forge') this.epochs = (steps * each) / rows.length;
    const from = this.step;
    const losses: number[] = [];
    const { extras, ...means } = await this.meansOf(teacher);
    const own = {
      ...{ ...means, name: stretch.name, prefix: 'forge', options: training },
      ...{ lastStep: from + steps, dataHash: this.hashOf(rows, teacher), earlyStop: null },
      area: this.run.ctx.checkpoints.child(stretch.name),
      source: sourceOf(this.run, stretch, rows, extras),
      // Held-out text says nothing of what is learnt about tools.
      keepBest: false,
      schedule: rateSchedule(this.run, stretch, from, steps),
      shapes: stretchShapes(this.run, stretch, from, steps),
      fraction: (step: number) => stretch.fraction((step - from) / steps),
      onStep: (result: StepResult) => {
        this.tally.observe(result, each * training.length);
        if (!result.skipped) losses.push(result.loss);
      },
    };
    await trainRun(this.run.ctx, own, this.end);
    this.end = await runEnd(this.run.ctx, own);
    if (teacher !== undefined)
      await returnTo({ trainer: this.trainer, review: this.watch, area: own.area }, this.end!);
    const sum = losses.reduce((total, loss) => total + loss, 0);
    const ended = { name: own.name, hash: own.dataHash };
    return { ended, step: this.step, loss: losses.length === 0 ? null : sum / losses.length };
  }

  /** What a stretch is trained with: of one with a teacher nothing else is kept, and no codes are counted. */
  private async meansOf(teacher: TensorDict | undefined) {
    const { trainer, watch } = this;
    const extras = rowExtras(this.run);
    const { batches } = this.run.text.selection;
    if (teacher === undefined) return { trainer, review: watch, extras, heldOut: this.readable(batches) };
    return { trainer: await this.soft.with(teacher), review: uncounted(watch), extras: {}, heldOut: batches };
  }

  /** Stand where a finished stretch ended. */
  async goTo({ name, hash }: StretchName): Promise<void> {
    const { ctx } = this.run;
    const area = ctx.checkpoints.child(name);
    this.end = await runEnd(ctx, { area, dataHash: hash });
    if (this.end !== null) await returnTo({ trainer: this.trainer, review: this.watch, area }, this.end);
  }

  /** The averaged latents as a finished stretch left them; null: as they came. */
  async latentsAt(ended: StretchName | null): Promise<TensorDict> {
    const { ctx, start } = this.run;
    if (ended === null) return start.weights;
    const end = await runEnd(ctx, { area: ctx.checkpoints.child(ended.name), dataHash: ended.hash });
    return withoutSelfModel(this.self, fromGroup('ema', end!.tensors));
  }

  /**
   * How far the averages are from a teacher: mean KL(teacher || model) over what is learnt of documents, nats; null where none
   * fits a row.
   */
  async divergence(documents: readonly Document[], teacher: TensorDict): Promise<number | null> {
    const rows = rowsOf(this.run, { documents });
    if (rows.length === 0) return null;
    const batches = bakingBatches({ rows, extras: {} }, this.run.measuring.training.rows);
    return this.soft.divergence(teacher, await this.trainer.snapshot(), batches);
  }

  /** Go on with latents that were made of these elsewhere; the optimizer's moments stay. */
  async adopt(latents: TensorDict): Promise<void> {
    const tensors = { ...inGroup('param', latents), ...inGroup('ema', latents) };
    await this.trainer.restore(tensors);
    if (this.end !== null) this.end = { ...this.end, tensors: { ...this.end.tensors, ...tensors } };
  }

  /** Remove the checkpoints of a stretch that nobody goes back to. */
  forget({ name }: StretchName): Promise<void> {
    return this.run.ctx.checkpoints.child(name).clear();
  }

  /** The averaged latents as a model. */
  async model(): Promise<LatentModel> {
    const { ctx, start, quantization } = this.run;
    return latentModel(ctx, start, quantization, await this.trainer.weights('ema'));
  }

  /** The averaged latents in their formats, as floats: what is asked between stretches. All share what is compiled. */
  async applied(): Promise<LiveModel> {
    const latents = await this.model();
    const packed = pack(this.run, latents);
    this.shape ??= expanded(this.run, latents, packed);
    return { ...this.shape, weights: packed.weights };
  }

  /** Moments of the optimizer and all else that training goes on from. */
  async state(): Promise<TensorDict> {
    return withoutSelfModel(this.self, await this.trainer.snapshot());
  }

  /** Error of the averaged self-model on held-out text; null where there is none. */
  async selfModelError(): Promise<number | null> {
    if (this.self.tensors.length === 0) return null;
    const { batches } = this.run.text.selection;
    return (await this.trainer.evaluate('ema', this.readable(batches))).metrics[SELF_MODEL_ERROR]!;
  }

  /** Share of the ternary codes that flipped, count by count. */
  get flips(): FlipWatch['counted'] {
    return this.watch.counted;
  }

  async dispose(): Promise<void> {
    await this.soft.dispose();
    await this.trainer.dispose();
  }

  private hashOf(rows: readonly BakingRow[], teacher?: TensorDict): string {
    const hash = createHash('sha256').update(this.run.origin.ref.weights.sha256);
    if (teacher !== undefined) hash.update(weightsHash(teacher));
    for (const { ids, targets } of rows) hash.update(ids).update(targets);
    return hash.digest('hex');
  }
}
