/** What went into one matrix, over all tokens of text and all its uses in a pass. Sums are of float64. */
export interface InputStatistics {
  /** How often a pass multiplies by the matrix: more than once where the model is recursive. */
  readonly uses: number;
  /** Inputs that were counted: tokens of text times uses. */
  readonly tokens: number;
  /** Mean square of every channel, [in]: the diagonal of the Hessian E[x x^T]. */
  readonly power: Float64Array;
  /** Root of the mean square over all channels. */
  readonly rms: number;
  /** g that makes g RMSNorm(x) nearest to x, in squares over all tokens. */
  readonly gain: number;
  /** Largest |x| of every channel, [in]. */
  readonly channelPeaks: Float64Array;
  /** Largest |x|. */
  readonly peak: number;
  /** Mean over the tokens of their largest |x|: what int8 per token scales by. */
  readonly tokenPeak: number;
  /**
   * Of |x|, by nearest rank, over at most 64 evenly spaced tokens of each batch and use: of those right to 2.2 %. 100 is the
   * largest of all, exact.
   */
  readonly percentiles: Readonly<Record<Percentile, number>>;
  /** Share of the inputs that are 0. */
  readonly zeros: number;
  /** Share of the inputs that int8 per token rounds to 0, exact zeros among them. */
  readonly roundedToZero: number;
  /** E[x^4] / E[x^2]^2: 3 for normal numbers, more with outliers. */
  readonly kurtosis: number;
  /** E[x x^T], [in, in] row-major; absent unless asked for. */
  readonly hessian?: Float64Array;
}

export type Percentile = 50 | 99 | 99.9 | 100;

/** Statistics of the inputs of a model's linear matrices. */
export interface CalibrationStatistics {
  /** Tokens of text that were read. */
  readonly tokens: number;
  /** By the name of the matrix. */
  readonly matrices: Readonly<Record<string, InputStatistics>>;
  /** Why a linear matrix has no statistics, by its name. */
  readonly unmeasured: Readonly<Record<string, string>>;
}
