import { createHash } from 'node:crypto';
import type { BakingRow } from '../../../core/contracts/baking.js';
import type { TensorDict, TensorSpecs } from '../../../core/contracts/tensor.js';
import { packWholeDocuments, type Document } from '../../../nn/data/index.js';
import { weightsHash } from '../../../nn/models/index.js';
import {
  keepBehaviourExtras,
  keptTokens,
  nextToken,
  SELF_MODEL_ERROR,
} from '../../../nn/objectives/index.js';
import { compressorsOf, quantizedModel } from '../../../nn/quantization/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import {
  fromGroup,
  inGroup,
  zeros,
  type HostBatch,
  type StepResult,
  type Trainer,
} from '../../../nn/training/index.js';
import { bakingBatches, BakingSource, batchExtras } from '../shared/baking/rows.js';
import type { LiveModel } from '../shared/model/open.js';
import { shapeOf } from '../shared/model/shape.js';
import { FlipWatch, uncounted } from '../shared/quantized/flips.js';
import { latentModel, ternaryMatrices, type LatentModel } from '../shared/quantized/latent.js';
import { expanded, pack } from '../shared/quantized/pack.js';
import { returnTo, runEnd, trainRun, type RunEnd } from '../shared/training/run.js';
import { recursionStepsOf, shapeSchedule, type ShapeSchedule } from '../shared/training/stages.js';
import { openTrainer, scheduleOf, type TrainerParts } from '../shared/training/trainer.js';
import { StepTally } from './tally.js';
import { codesTold } from './codes-told.js';
import { keeping } from './keeping.js';
import type { CurriculumRun } from './prepare.js';
import { selfModelParts, withoutSelfModel, type SelfModelParts } from './self-model.js';
import { SoftTrainer } from './soft-trainer.js';
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
  private readonly seed: number;
  private readonly watch: FlipWatch;
  private readonly soft: SoftTrainer;

  private constructor(
    private readonly run: CurriculumRun,
    readonly trainer: Trainer,
    parts: TrainerParts,
    private readonly self: SelfModelParts,
  ) {
    this.seed = trainer.options.seed;
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
    const { ctx, start, quantization, engine, options, measuring } = run;
    const { architecture, hyperparameters } = start.config;
    // The plain architecture: what is quantised is the transform of what is trained.
    const plain = shapeOf(ctx, { architecture, hyperparameters }, 'the model without its formats');
    const bound = quantizedModel(plain.tensors, quantization, compressorsOf(ctx, quantization));
    const self = selfModelParts(options.forge.selfModel, plain);
    const parts: TrainerParts = {
      ...{ engine, shape: { ...plain, tensors: [...start.tensors, ...self.tensors] } },
      weights: { ...start.weights, ...self.weights },
      ...{ training: measuring.training, optimizer: options.forge.optimizer },
      seed: wordAt(streamKey(ctx.seed, 'curriculum', 'training'), 0),
      transform: (params) => bound.bind(params),
      objective: self.over(nextToken(options.forge.objective)),
    };
    return new Forge(run, await openTrainer(ctx, keeping(parts, options.data.keep)), parts, self);
  }

  /** Of one row. */
  private get extras(): TensorSpecs {
    const { measuring, options } = this.run;
    return options.data.keep === 0 ? {} : keepBehaviourExtras(measuring.training.length);
  }

  get step(): number {
    return this.end?.step ?? 0;
  }

  /** Rows of text as the trainer reads them: nothing of it is kept. */
  readable(batches: readonly HostBatch[]): readonly HostBatch[] {
    const { rows } = this.run.measuring.training;
    if (Object.keys(this.extras).length === 0) return batches;
    const extras = Object.fromEntries(
      Object.entries(zeros(batchExtras(this.extras, rows))).map(([name, { data }]) => [name, data]),
    );
    return batches.map((batch) => ({ ...batch, extras }));
  }

  /** Train; a stretch that was finished before is not trained again. */
  async train(stretch: Stretch): Promise<StretchEnd> {
    const rows = this.rowsOf(stretch);
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
      source: new BakingSource({ rows, extras }, this.seedOf(stretch)),
      // Held-out text says nothing of what is learnt about tools.
      keepBest: false,
      schedule: this.scheduleOf(stretch, from, steps),
      shapes: this.shapesOf(stretch, from, steps),
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
    const { trainer, watch, extras } = this;
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
    const rows = this.rowsOf({ documents });
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

  private rowsOf({ documents }: Pick<Stretch, 'documents'>): readonly BakingRow[] {
    const { special } = this.run.language.tokenizer;
    const { length } = this.run.measuring.training;
    const packed = packWholeDocuments(documents, length, special.pad ?? special.eos ?? 0);
    if (this.run.options.data.keep === 0) return packed.rows;
    const extras = keptTokens(packed, (index) => documents[index]!.kept === true);
    return packed.rows.map((row, i) => ({ ...row, extras: extras[i]! }));
  }

  private seedOf({ name }: Stretch): number {
    return wordAt(streamKey(this.seed, name), 0);
  }

  private hashOf(rows: readonly BakingRow[], teacher?: TensorDict): string {
    const hash = createHash('sha256').update(this.run.origin.ref.weights.sha256);
    if (teacher !== undefined) hash.update(weightsHash(teacher));
    for (const { ids, targets } of rows) hash.update(ids).update(targets);
    return hash.digest('hex');
  }

  private scheduleOf({ rate: [first, last] }: Stretch, from: number, steps: number) {
    const { training } = this.run.measuring;
    // The floor of a schedule is a share of its beginning.
    const floor = first === 0 ? 0 : last / first;
    const schedule = scheduleOf(
      { ...training, floor, warmupSteps: from === 0 ? training.warmupSteps : 0 },
      steps,
    );
    return (step: number): number => first * schedule(step - from);
  }

  private shapesOf({ shapes }: Stretch, from: number, steps: number): ShapeSchedule {
    const { training } = this.run.measuring;
    const { start } = this.run;
    const recursionSteps = recursionStepsOf(start.architecture, start.config.hyperparameters);
    const totalSteps = shapes === 'first' ? Number.MAX_SAFE_INTEGER : steps;
    const own = shapeSchedule(training, { totalSteps, recursionSteps, seed: this.seed });
    const at = (step: number): number => (shapes === 'first' ? 1 : step - from);
    return {
      at: (step) => own.at(at(step)),
      tokensAt: (step) => own.tokensAt(at(step)),
      tokensUpTo: (step) => own.tokensUpTo(step),
      workUpTo: (step) => own.workUpTo(step),
    };
  }
}
