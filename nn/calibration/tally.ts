import type { HostTensor } from '../../core/contracts/tensor.js';
import { MAGNITUDE_BINS, magnitudePercentile } from './magnitudes.js';
import { SCALARS } from './recorder.js';
import type { InputStatistics } from './statistics.js';

type Scalars = Record<(typeof SCALARS)[number], number>;

/** Sums of one matrix over batches, in float64. */
export class InputTally {
  private readonly power: Float64Array;
  private readonly peaks: Float64Array;
  private readonly magnitudes = new Float64Array(MAGNITUDE_BINS);
  private readonly hessian: Float64Array | null;
  private readonly scalars = Object.fromEntries(SCALARS.map((name) => [name, 0])) as Scalars;
  private tokens = 0;
  private uses = 0;

  /** @param width channels of the input */
  constructor(
    private readonly width: number,
    hessian: boolean,
  ) {
    this.power = new Float64Array(width);
    this.peaks = new Float64Array(width);
    this.hessian = hessian ? new Float64Array(width * width) : null;
  }

  /** @param sums by their names @param tokens of text in the batch */
  add(sums: (name: string) => HostTensor, tokens: number): void {
    accumulate(this.power, sums('power').data);
    accumulate(this.magnitudes, sums('magnitudes').data);
    if (this.hessian !== null) accumulate(this.hessian, sums('hessian').data);
    const { data: peaks } = sums('peaks');
    for (let i = 0; i < this.width; i++) this.peaks[i] = Math.max(this.peaks[i]!, peaks[i]!);
    const { data: scalars } = sums('scalars');
    SCALARS.forEach((name, i) => (this.scalars[name] += scalars[i]!));
    this.uses = scalars[SCALARS.indexOf('uses')]!;
    this.tokens += tokens * this.uses;
  }

  /** Means of what was added. NaN where nothing was, or where the model computed something that is no number. */
  statistics(): InputStatistics {
    const { width, tokens, uses } = this;
    const mean = (sum: number): number => sum / tokens;
    const power = this.power.map(mean);
    const meanSquare = power.reduce((sum, each) => sum + each, 0) / width;
    const { normed, norm, fourth, peak: tokenPeaks, zeros, rounded } = this.scalars;
    const peak = this.peaks.reduce((highest, each) => Math.max(highest, each), 0);
    const percentile = (percent: number): number =>
      Math.min(peak, magnitudePercentile(this.magnitudes, percent));
    return {
      ...{ uses, tokens, power, peak },
      rms: Math.sqrt(meanSquare),
      // A matrix that is given nothing but zeros: any gain keeps them.
      gain: norm === 0 ? 1 : normed / norm,
      channelPeaks: this.peaks,
      tokenPeak: mean(tokenPeaks),
      percentiles: { 50: percentile(50), 99: percentile(99), 99.9: percentile(99.9), 100: peak },
      zeros: mean(zeros),
      roundedToZero: mean(rounded),
      kurtosis: meanSquare === 0 ? 0 : mean(fourth) / meanSquare ** 2,
      ...(this.hessian === null ? {} : { hessian: this.hessian.map(mean) }),
    };
  }
}

function accumulate(sum: Float64Array, values: ArrayLike<number>): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}
