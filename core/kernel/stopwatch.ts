/** What the kernel spends time on besides the phases' own work. */
export type OverheadKind = 'hooks' | 'sinks' | 'events' | 'records';

/** Adds up wall seconds by kind. Parallel spans count each: the sums are upper bounds. */
export class Stopwatch {
  private readonly milliseconds: Record<OverheadKind, number> = { hooks: 0, sinks: 0, events: 0, records: 0 };

  add(kind: OverheadKind, milliseconds: number): void {
    this.milliseconds[kind] += milliseconds;
  }

  async measure<T>(kind: OverheadKind, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.add(kind, performance.now() - started);
    }
  }

  seconds(kind: OverheadKind): number {
    return this.milliseconds[kind] / 1000;
  }

  /** Sum of all kinds in seconds. */
  total(): number {
    return Object.values(this.milliseconds).reduce((sum, each) => sum + each, 0) / 1000;
  }
}
