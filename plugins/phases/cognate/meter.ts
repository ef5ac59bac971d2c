import type { PhaseContext } from '../../../core/contracts/phase.js';
import type { LoopProgress, StepResult } from '../../../nn/training/index.js';
import type { CognateOptions } from './options.js';
import type { Stage } from './stage.js';

/** Steps whose mean loss `train/loss_avg_100` reports. */
const LOSS_WINDOW = 100;

/** Weight of the newest step in the running step time behind tokens/s and ETA. */
const RATE_WEIGHT = 0.2;

/** Reports one stage's steps: metrics, live progress, tokens per second. */
export class StepMeter {
  /** Held-out loss at every evaluation of this process, nats. */
  readonly evaluations: { readonly step: number; readonly loss: number }[] = [];
  private readonly losses: number[] = [];
  private readonly tokensPerStep: number;
  private readonly stepSeconds: number[] = [];
  private runningSeconds: number | null = null;
  private last = performance.now();
  private latestHeldOut: number | null = null;

  constructor(
    private readonly ctx: PhaseContext,
    private readonly stage: Stage,
    options: CognateOptions,
    private readonly firstStep: number,
  ) {
    const { rows, length, accumulation } = options.training;
    this.tokensPerStep = rows * length * accumulation;
  }

  step(result: StepResult, progress: LoopProgress, learningRateScale: number): void {
    this.measureTime(progress.step);
    this.losses.push(result.crossEntropy);
    if (this.losses.length > LOSS_WINDOW) this.losses.shift();
    this.emit('train/loss', result.loss, progress.step, 'nats');
    this.emit('train/loss_avg_100', mean(this.losses), progress.step, 'nats');
    this.emit('train/learning_rate', learningRateScale, progress.step, '1');
    this.emit('train/gradient_norm', result.gradNorm, progress.step, 'norm');
    for (const [name, value] of Object.entries(result.metrics)) this.emitShared(name, value, progress.step);
    const rate = this.runningSeconds === null ? null : this.tokensPerStep / this.runningSeconds;
    if (rate !== null) this.emitShared('system/tokens_per_second', rate, progress.step);
    this.ctx.progress({
      task: this.stage.name,
      done: progress.step,
      total: this.stage.lastStep,
      unit: 'step',
      values: {
        loss: result.crossEntropy,
        ...(this.latestHeldOut === null ? {} : { heldOut: this.latestHeldOut }),
        ...(rate === null ? {} : { 'tokens/s': rate }),
      },
      etaSeconds:
        this.runningSeconds === null ? null : this.runningSeconds * (this.stage.lastStep - progress.step),
      phaseFraction: this.stage.shares.trained(this.stage.name, progress.step),
    });
  }

  /** Record and pass on a held-out loss. */
  heldOut(step: number, loss: number): number {
    this.latestHeldOut = loss;
    this.evaluations.push({ step, loss });
    this.emit('epoch/loss', loss, step, 'nats');
    this.emitShared('valid/loss', loss, step);
    this.last = performance.now();
    return loss;
  }

  /** Median over the measured steps of this process; null before there is one. The first step compiles and is left out. */
  tokensPerSecond(): number | null {
    if (this.stepSeconds.length === 0) return null;
    const sorted = [...this.stepSeconds].sort((a, b) => a - b);
    return this.tokensPerStep / sorted[Math.floor(sorted.length / 2)]!;
  }

  private measureTime(step: number): void {
    const now = performance.now();
    const seconds = (now - this.last) / 1000;
    this.last = now;
    if (step <= this.firstStep + 1) return;
    this.stepSeconds.push(seconds);
    this.runningSeconds =
      this.runningSeconds === null
        ? seconds
        : (1 - RATE_WEIGHT) * this.runningSeconds + RATE_WEIGHT * seconds;
  }

  /** Catalogued per model as `model_{n}/<name>`; the trunk goes by the plain name. */
  private emit(name: string, value: number, step: number, unit: string): void {
    const { metricPrefix } = this.stage;
    this.ctx.metric(metricPrefix === null ? `trunk/${name}` : `${metricPrefix}/${name}`, value, {
      step,
      unit,
      labels: this.labels(),
    });
  }

  private emitShared(name: string, value: number, step: number): void {
    this.ctx.metric(name, value, { step, labels: this.labels() });
  }

  private labels(): Record<string, string> {
    return { model: this.stage.name };
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
