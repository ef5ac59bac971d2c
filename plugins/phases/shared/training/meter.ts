import type { RecordContext } from '../../../../core/contracts/phase.js';
import { shapeKey, type LoopProgress, type StepResult } from '../../../../nn/training/index.js';
import { recorder, type MetricTable, type NamesOf, type Recorder } from '../metrics.js';
import type { ShapeSchedule } from './stages.js';

/** What every training run measures, under the name of the run (`model_1/train/loss`). */
const RUN_METRICS = {
  'train/loss': { unit: 'nats', direction: 'lower' },
  'train/loss_avg_100': { unit: 'nats', direction: 'lower' },
  'train/learning_rate': { unit: '1' },
  'train/gradient_norm': { unit: 'norm' },
} as const satisfies MetricTable;

/** What all runs measure under one name, labelled by model. */
export const SHARED_TRAINING_METRICS = {
  'train/tokens': { unit: 'tok' },
  'valid/loss': { unit: 'nats', direction: 'lower' },
  'system/tokens_per_second': { unit: 'tok/s', direction: 'higher' },
  // What objective, architecture and optimizer measure, by their own names.
  'act/avg_steps': {},
  'gate/entropy': {},
  'optim/grokfast_mu_norm': {},
  'optim/qk_clip_activations': {},
  'loss/total': {},
  'loss/act': {},
  'loss/gate_entropy': {},
  'loss/step_{N}': {},
  'act/acc_step{N}': {},
  'act/halt_prob_step{N}': {},
  'act/expected_steps': {},
  'act/ponder_cost': {},
  'act/q_token_variance': {},
  'gate/avg_g': {},
  'gate/{y_usage,m_usage}': {},
  'ltm/memory_usage': {},
  'ltm/avg_surprise_score': {},
  'optim/update_norm': {},
  'optim/ortho_error': {},
  'optim/qk_clip_count': {},
  // Where products are half floats (training.amp).
  'amp/loss_scale': { description: 'What the loss is multiplied by before its gradient.' },
  'amp/overflow_count': {
    unit: 'count',
    direction: 'lower',
    description: 'Updates whose scaled gradient was not finite, so far.',
  },
  'amp/skipped_steps': {
    unit: 'steps',
    direction: 'lower',
    description: 'Updates that were skipped, so far.',
  },
  'amp/underflow_fraction': {
    unit: 'fraction',
    direction: 'lower',
    description: 'Share of the non-zero elements of scaled gradients that are zero as half floats.',
  },
} as const satisfies MetricTable;

type RunMetric = keyof typeof RUN_METRICS;

/** The metrics of training runs for a phase's table. @param prefix pattern of their names, for example `model_{1..3}` */
export function trainingMetrics<const P extends string>(
  prefix: P,
): { readonly [K in RunMetric as `${P}/${K}`]: (typeof RUN_METRICS)[K] } {
  return Object.fromEntries(
    Object.entries(RUN_METRICS).map(([name, entry]) => [`${prefix}/${name}`, entry]),
  ) as never;
}

/** Steps whose mean loss `train/loss_avg_100` reports. */
const LOSS_WINDOW = 100;

/** Weight of the newest step in the running means behind tokens/s and ETA. */
const RATE_WEIGHT = 0.2;

/** What a meter is told of its run. */
export interface MeterOptions {
  /** For people and labels: `trunk`, `reasoning`. */
  readonly name: string;
  /** Before the names of its metrics: `model_1`. */
  readonly prefix: string;
  readonly shapes: ShapeSchedule;
  /** When the run is over. */
  readonly lastStep: number;
  /** Of the optimizer, before the schedule. */
  readonly learningRate: number;
  /** Newest losses before this process, for a mean that goes on. */
  readonly losses?: readonly number[];
  /** Share of the phase that is done after an update; absent where it is not known. */
  readonly fraction?: (step: number) => number;
}

/** Reports a run's steps: metrics, live progress, tokens per second. */
export class StepMeter {
  /** Held-out loss at every evaluation of this process, nats. */
  readonly evaluations: { readonly step: number; readonly loss: number }[] = [];
  private readonly record: Recorder<RunMetric>;
  private readonly shared: Recorder<NamesOf<keyof typeof SHARED_TRAINING_METRICS>>;
  private readonly labels: { readonly model: string };
  private readonly losses: number[];
  /** Tokens per second of each measured step. */
  private readonly rates: number[] = [];
  /** Running means over measured steps; null before there is one. */
  private pace: Pace | null = null;
  /** Shapes that were met: their programs are compiled. */
  private readonly met = new Set<string>();
  private last: number;
  private latestHeldOut: number | null = null;

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private readonly ctx: Pick<RecordContext, 'metric' | 'progress'>,
    private readonly options: MeterOptions,
    private readonly now: () => number = () => performance.now(),
  ) {
    const { prefix, name } = options;
    const prefixed: Pick<RecordContext, 'metric'> = {
      metric: (metric, value, reading) => ctx.metric(`${prefix}/${metric}`, value, reading),
    };
    this.record = recorder(prefixed, RUN_METRICS);
    this.shared = recorder(ctx, SHARED_TRAINING_METRICS);
    this.labels = { model: name };
    this.losses = [...(options.losses ?? [])];
    this.last = now();
  }

  /** @param scale schedule factor of the update */
  step(result: StepResult, { step, skippedTotal }: LoopProgress, scale: number): void {
    this.measureTime(step);
    this.losses.push(result.crossEntropy);
    if (this.losses.length > LOSS_WINDOW) this.losses.shift();
    const reading = { step, labels: this.labels };
    this.record('train/loss', result.loss, reading);
    this.record('train/loss_avg_100', mean(this.losses), reading);
    this.record('train/learning_rate', scale * this.options.learningRate, reading);
    this.record('train/gradient_norm', result.gradNorm, reading);
    this.shared('train/tokens', this.options.shapes.tokensUpTo(step), reading);
    this.shared.open(result.metrics, reading);
    if (result.lossScale !== undefined) this.shared('amp/skipped_steps', skippedTotal, reading);
    const rate = this.pace === null ? null : this.pace.tokens / this.pace.seconds;
    if (rate !== null) this.shared('system/tokens_per_second', rate, reading);
    this.tell(step, result.crossEntropy, rate);
  }

  /** What the mean is over, to be kept with a checkpoint. */
  recentLosses(): readonly number[] {
    return [...this.losses];
  }

  /** Record and pass on a held-out loss. */
  heldOut(step: number, loss: number): number {
    this.latestHeldOut = loss;
    this.evaluations.push({ step, loss });
    this.shared('valid/loss', loss, { step, labels: this.labels });
    this.last = this.now();
    return loss;
  }

  /**
   * Median over the measured steps of this process; null before there is one. The first step of each shape compiles and is
   * left out.
   */
  tokensPerSecond(): number | null {
    if (this.rates.length === 0) return null;
    const sorted = [...this.rates].sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)]!;
  }

  private tell(step: number, loss: number, rate: number | null): void {
    const { name, lastStep, shapes, fraction } = this.options;
    const workLeft = shapes.workUpTo(lastStep) - shapes.workUpTo(step);
    this.ctx.progress({
      task: name,
      done: step,
      total: lastStep,
      unit: 'step',
      values: {
        loss,
        ...(this.latestHeldOut === null ? {} : { heldOut: this.latestHeldOut }),
        ...(rate === null ? {} : { 'tokens/s': rate }),
      },
      etaSeconds: this.pace === null ? null : (this.pace.seconds / this.pace.work) * workLeft,
      ...(fraction === undefined ? {} : { phaseFraction: fraction(step) }),
    });
  }

  private measureTime(step: number): void {
    const now = this.now();
    const seconds = (now - this.last) / 1000;
    this.last = now;
    const { shapes } = this.options;
    const shape = shapeKey(shapes.at(step));
    const compiled = this.met.has(shape);
    this.met.add(shape);
    if (!compiled) return;
    const tokens = shapes.tokensAt(step);
    this.rates.push(tokens / seconds);
    const work = shapes.workUpTo(step) - shapes.workUpTo(step - 1);
    this.pace = moved(this.pace, { seconds, tokens, work });
  }
}

/** What an update takes, reads and costs ({@link ShapeSchedule.workUpTo}). */
interface Pace {
  readonly seconds: number;
  readonly tokens: number;
  readonly work: number;
}

function moved(before: Pace | null, now: Pace): Pace {
  if (before === null) return now;
  const towards = (from: number, to: number): number => (1 - RATE_WEIGHT) * from + RATE_WEIGHT * to;
  return {
    seconds: towards(before.seconds, now.seconds),
    tokens: towards(before.tokens, now.tokens),
    work: towards(before.work, now.work),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
