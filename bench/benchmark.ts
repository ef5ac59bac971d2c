/** What a benchmark is asked to measure. */
export interface BenchmarkRequest {
  /** A model by the name it has everywhere; without it the benchmark makes its own. */
  readonly model?: string;
  /** The long form, of a benchmark that has one. */
  readonly full?: true;
  /** Where relative folders start. */
  readonly cwd: string;
}

/** A benchmark of `agentforge bench <name>`: measures, and returns plain numbers for `--json`. */
export interface Benchmark {
  /**
   * @param say prints a line of progress for people
   * @returns what was measured; null where something could not be, with the reason beside it
   */
  run(say: (line: string) => void): Promise<Readonly<Record<string, unknown>>>;
}

export interface BenchmarkEntry {
  readonly name: string;
  readonly summary: string;
  /** It can measure a model of the user's. */
  readonly takesModel?: true;
  /** It has a long form, which takes hours and goes on where it was killed. */
  readonly hasFullForm?: true;
  readonly load: (request: BenchmarkRequest) => Promise<Benchmark>;
}
