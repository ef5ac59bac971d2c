import type { StepResult } from '../../../nn/training/index.js';

/** What the updates of this process measured, added up: a run that goes on knows nothing of those before. */
export class StepTally {
  private readonly accuracies: number[] = [];
  private readonly milliseconds: number[] = [];
  private last: { readonly result: StepResult; readonly at: number } | null = null;
  /** Tokens of the rows that were learnt from. */
  tokens = 0;
  skipped = 0;
  private clipped: number | null = null;

  /** @param now milliseconds of a clock that never goes back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  observe(result: StepResult, tokens: number): void {
    const at = this.now();
    if (this.last !== null) this.milliseconds.push(at - this.last.at);
    this.last = { result, at };
    this.tokens += tokens;
    if (result.skipped) this.skipped++;
    else this.accuracies.push(result.accuracy);
    const clipped = result.metrics['optim/qk_clip_count'];
    if (clipped !== undefined) this.clipped = (this.clipped ?? 0) + clipped;
  }

  /** Under the names of the metrics of main training; null: not measured in this process, or not by this optimizer. */
  values(): Record<string, number | null> {
    const { result } = this.last ?? {};
    const measured = (name: string): number | null => result?.metrics[name] ?? null;
    return {
      'train/accuracy': meanOf(this.accuracies),
      'train/gradient_norm': result?.gradNorm ?? null,
      'system/time_per_step_ms': medianOf(this.milliseconds),
      'data/tokens_seen': this.last === null ? null : this.tokens,
      'grokfast/ema_norm': measured('optim/grokfast_mu_norm'),
      'muon/ortho_error': measured('optim/ortho_error'),
      'qkclip/activations': this.clipped,
      'amp/loss_scale': measured('amp/loss_scale'),
      'amp/overflow_count': measured('amp/overflow_count'),
      'amp/underflow_fraction': measured('amp/underflow_fraction'),
      'amp/skipped_steps': this.last === null ? null : this.skipped,
    };
  }
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The lower one of two in the middle: pauses and measurements between updates do not count. */
function medianOf(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null;
}
