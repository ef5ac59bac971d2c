import type { Measured } from './evaluator.js';

/** Measurements by hash of weights; the least recently used go first. */
export class MeasurementCache {
  private readonly entries: Map<string, Measured>;
  private count: number;

  constructor(
    private readonly limit: number,
    saved: { readonly entries: readonly (readonly [string, Measured])[]; readonly evaluations: number } = {
      entries: [],
      evaluations: 0,
    },
  ) {
    this.entries = new Map(saved.entries);
    this.count = saved.evaluations;
  }

  /** Individuals measured so far. */
  get evaluations(): number {
    return this.count;
  }

  get(id: string): Measured | null {
    const found = this.entries.get(id);
    if (found === undefined) return null;
    this.entries.delete(id);
    this.entries.set(id, found);
    return found;
  }

  /** Keep a measurement; one that is new counts as an evaluation. */
  set(id: string, measured: Measured): void {
    if (!this.entries.has(id)) this.count += 1;
    this.entries.delete(id);
    this.entries.set(id, measured);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.limit) break;
      this.entries.delete(oldest);
    }
  }

  saved(): { entries: [string, Measured][]; evaluations: number } {
    return { entries: [...this.entries], evaluations: this.count };
  }
}
