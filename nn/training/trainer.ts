import { ForgeError } from '../../core/errors/index.js';
import type { Engine, EngineState, Program, RandomKey } from '../../core/contracts/engine.js';
import type { HostArray, HostTensor, TensorDict } from '../../core/contracts/tensor.js';
import { CompiledPrograms } from '../programs/compiled-programs.js';
import {
  shapeKey,
  stateSpecs,
  trainedTensors,
  type BatchShape,
  type StepShape,
  type TrainingModel,
} from './model.js';
import { lossScaleStart, type Amp } from './loss-scale.js';
import { accumulateSource, applySource, evaluateSource, stepSource, type ProgramSource } from './programs.js';
import { fromGroup, inGroup, zeros, type StateGroup, type WeightGroup } from './state.js';
import type { UpdateSettings } from './update.js';

/** One micro-batch in host memory: int32 arrays of rows x length. */
export interface HostBatch {
  readonly ids: Int32Array;
  readonly targets: Int32Array;
  readonly segments: Int32Array;
  /** The further inputs that the training model declares, by name. */
  readonly extras?: Readonly<Record<string, HostArray>>;
}

export interface TrainerOptions extends UpdateSettings {
  readonly engine: Engine;
  readonly model: TrainingModel;
  /** Of evaluation, and of updates that name no other. */
  readonly shape: BatchShape;
  /** Seed of dropout. */
  readonly seed: number;
}

/** What is fed to one update besides data. */
export interface StepScalars {
  /** 1 at the first update. */
  readonly step: number;
  /** Updates before it that were skipped: an optimizer counts those that were applied. Default 0. */
  readonly skipped?: number;
  readonly learningRateScale: number;
  readonly emaDecay: number;
}

/** What one update measured, means over its micro-batches. */
export interface StepResult {
  readonly loss: number;
  readonly crossEntropy: number;
  readonly accuracy: number;
  readonly gradNorm: number;
  /** The gradient was not finite and the update left everything as it was. */
  readonly skipped: boolean;
  /** What the loss was multiplied by; absent where it is not scaled. */
  readonly lossScale?: number;
  /** Metrics of architecture and optimizer by name. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface EvaluationResult {
  /** Mean over valid targets, nats. */
  readonly crossEntropy: number;
  readonly accuracy: number;
  readonly targets: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Holds a model's training state on an engine and runs the compiled programs. Create with {@link createTrainer}. */
export class Trainer {
  private readonly programs = new CompiledPrograms<string>();

  constructor(
    readonly options: TrainerOptions,
    /** The tensors of all groups, on the engine. */
    readonly state: EngineState,
  ) {}

  /**
   * One update from `accumulation` micro-batches.
   * @param shape theirs; what one needs is compiled when it is first met, and kept
   */
  async step(
    batches: readonly HostBatch[],
    scalars: StepScalars,
    shape: StepShape = this.options.shape,
  ): Promise<StepResult> {
    const inputs = {
      step: Float32Array.of(scalars.step - (scalars.skipped ?? 0)),
      learningRateScale: Float32Array.of(scalars.learningRateScale),
      emaDecay: Float32Array.of(scalars.emaDecay),
    };
    if (batches.length !== this.options.accumulation) {
      throw new Error(`an update takes ${this.options.accumulation} micro-batches, not ${batches.length}`);
    }
    const random = (micro: number): RandomKey => this.key(scalars.step, micro);
    if (batches.length === 1) return toStepResult([await this.train(batches[0]!, shape, random(0), inputs)]);
    const results: Record<string, number>[] = [];
    for (const [i, batch] of batches.entries()) results.push(await this.accumulate(batch, shape, random(i)));
    const apply = await this.program('apply', () => applySource(this.options.model, this.options));
    return toStepResult(results, scalarsOf(await apply.run(inputs, { state: this.state })));
  }

  /**
   * Mean loss over batches with the trained or the averaged weights.
   * @param amp format of matrix products
   * @throws ForgeError AF_INTERNAL when they have no target
   */
  async evaluate(
    group: WeightGroup,
    batches: readonly HostBatch[],
    onBatch: (done: number) => void | Promise<void> = () => undefined,
    amp: Amp = 'off',
  ): Promise<EvaluationResult> {
    const program = await this.program(`evaluate-${group}-${amp}`, () =>
      evaluateSource(this.options.model, this.options.shape, group, amp),
    );
    const results: EvaluationResult[] = [];
    for (const batch of batches) {
      const scalars = scalarsOf(await program.run(arraysOf(batch), { state: this.state }));
      results.push({
        crossEntropy: required(scalars, 'crossEntropy'),
        accuracy: required(scalars, 'accuracy'),
        targets: countTargets(batch.targets),
        metrics: metricsOf(scalars),
      });
      await onBatch(results.length);
    }
    return averageEvaluations(results);
  }

  /** Copies of the model's weights: what is not trained is the same in both groups. */
  async weights(group: WeightGroup): Promise<TensorDict> {
    const params = fromGroup('param', await this.read('param'));
    return group === 'param' ? params : { ...params, ...fromGroup('ema', await this.read('ema')) };
  }

  /** Everything that must be saved between updates (accumulated gradients are zero then); what is not trained is left out. */
  async snapshot(): Promise<TensorDict> {
    const params = trainedTensors(this.options.model).map(({ name }) => `param/${name}`);
    return this.state.read([...params, ...this.names('ema'), ...this.names('opt'), ...this.names('amp')]);
  }

  /** Copies of one group, with its prefix. */
  async read(group: StateGroup): Promise<TensorDict> {
    const names = this.names(group);
    return names.length === 0 ? {} : this.state.read(names);
  }

  /** Go on from a snapshot; the scale of a loss that is not scaled here is left out. */
  async restore(snapshot: TensorDict): Promise<void> {
    const known = Object.entries(snapshot).filter(
      ([name]) => !name.startsWith('amp/') || this.state.specs[name] !== undefined,
    );
    await this.state.write(Object.fromEntries(known));
  }

  async dispose(): Promise<void> {
    await this.programs.dispose();
    await this.state.dispose();
  }

  private async train(
    batch: HostBatch,
    shape: StepShape,
    random: RandomKey,
    scalars: Readonly<Record<string, Float32Array>>,
  ): Promise<Record<string, number>> {
    const program = await this.program(`step ${shapeKey(shape)}`, () =>
      stepSource(this.options.model, shape, this.options),
    );
    return scalarsOf(await program.run({ ...arraysOf(batch), ...scalars }, { state: this.state, random }));
  }

  private async accumulate(
    batch: HostBatch,
    shape: StepShape,
    random: RandomKey,
  ): Promise<Record<string, number>> {
    const program = await this.program(`accumulate ${shapeKey(shape)}`, () =>
      accumulateSource(this.options.model, shape, this.options),
    );
    return scalarsOf(await program.run(arraysOf(batch), { state: this.state, random }));
  }

  private key(step: number, micro: number): RandomKey {
    return { seed: this.options.seed, stream: 'dropout', counter: step * this.options.accumulation + micro };
  }

  /** A compiled program by its name, compiled on first use. */
  program(name: string, source: () => ProgramSource): Promise<Program> {
    return this.programs.get(name, () => {
      const { fn, spec } = source();
      return this.options.engine.compile(fn, spec);
    });
  }

  private names(group: StateGroup): string[] {
    return Object.keys(this.state.specs).filter((name) => name.startsWith(`${group}/`));
  }

  /** Make the accumulated gradients zero, as they are between updates. */
  async clearAccumulators(): Promise<void> {
    await this.state.write(zeros(stateSpecs(this.options.model).grad));
  }
}

/**
 * Put a model on an engine, ready to train.
 * @param weights float32 tensors by name, as `model.tensors` describes them
 * @param reference frozen weights by name, as `model.reference` describes them
 */
export async function createTrainer(
  options: TrainerOptions,
  weights: TensorDict,
  reference: TensorDict = {},
): Promise<Trainer> {
  const specs = stateSpecs(options.model);
  const trained = trainedTensors(options.model).map(({ name }) => [name, weights[name]!] as const);
  const state = await options.engine.createState({
    ...inGroup('param', weights),
    ...inGroup('ema', Object.fromEntries(trained)),
    ...inGroup('ref', reference),
    ...zeros(specs.opt),
    ...zeros(specs.grad),
    ...zeros(specs.peak),
    ...inGroup('amp', lossScaleStart(options.amp)),
  });
  return new Trainer(options, state);
}

function toStepResult(
  passes: readonly Record<string, number>[],
  update: Record<string, number> = {},
): StepResult {
  const mean: Record<string, number> = {};
  for (const pass of passes) {
    for (const [name, value] of Object.entries(pass)) mean[name] = (mean[name] ?? 0) + value / passes.length;
  }
  const all: Record<string, number> = { ...mean, ...update };
  const lossScale = all['metric:amp/loss_scale'];
  return {
    loss: required(all, 'loss'),
    crossEntropy: required(all, 'crossEntropy'),
    accuracy: required(all, 'accuracy'),
    gradNorm: required(all, 'gradNorm'),
    skipped: required(all, 'skipped') > 0.5,
    ...(lossScale === undefined ? {} : { lossScale }),
    metrics: metricsOf(all),
  };
}

/** Means over all targets of several evaluations. @throws ForgeError AF_INTERNAL when there is none: a mean of nothing is no 0 */
export function averageEvaluations(results: readonly EvaluationResult[]): EvaluationResult {
  const targets = results.reduce((sum, result) => sum + result.targets, 0);
  if (targets === 0) throw new ForgeError('AF_INTERNAL', 'a loss was asked for of rows without a target');
  const mean = (value: (result: EvaluationResult) => number): number =>
    results.reduce((sum, result) => sum + value(result) * (result.targets / targets), 0);
  const names = Object.keys(results[0]?.metrics ?? {});
  return {
    crossEntropy: mean((result) => result.crossEntropy),
    accuracy: mean((result) => result.accuracy),
    targets,
    metrics: Object.fromEntries(names.map((name) => [name, mean((result) => result.metrics[name] ?? NaN)])),
  };
}

function metricsOf(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (isMetric(name) ? [[metricName(name), value]] : [])),
  );
}

function required(values: Record<string, number>, name: string): number {
  const value = values[name];
  if (value === undefined) throw new ForgeError('AF_INTERNAL', `the training program gives no ${name}`);
  return value;
}

function scalarsOf(outputs: Readonly<Record<string, HostTensor>>): Record<string, number> {
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, tensor.data[0]!]));
}

function isMetric(name: string): boolean {
  return name.startsWith('metric:');
}

function metricName(name: string): string {
  return name.slice('metric:'.length);
}

/** What programs take of a batch, which may carry more (which dataset each row came from). */
export function arraysOf({ ids, targets, segments, extras }: HostBatch): Record<string, HostArray> {
  return { ids, targets, segments, ...extras };
}

function countTargets(targets: Int32Array): number {
  let count = 0;
  for (const target of targets) if (target >= 0) count++;
  return count;
}
