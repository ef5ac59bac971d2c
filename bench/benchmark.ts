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
  readonly load: () => Promise<Benchmark>;
}
