import type { TapTiming } from './types.js';

interface Entry {
  readonly hook: string;
  readonly plugin: string;
  calls: number;
  totalMs: number;
  maxMs: number;
}

/** Measures every tap by hook and plugin. */
export class TapClock {
  private readonly entries = new Map<string, Entry>();

  /** Start measuring a call; call the returned function when it is over. */
  start(hook: string, plugin: string): () => void {
    const started = performance.now();
    return () => this.add(hook, plugin, performance.now() - started);
  }

  /** Add a call that was measured elsewhere. */
  add(hook: string, plugin: string, milliseconds: number): void {
    const key = `${hook}\n${plugin}`;
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = { hook, plugin, calls: 0, totalMs: 0, maxMs: 0 };
      this.entries.set(key, entry);
    }
    entry.calls += 1;
    entry.totalMs += milliseconds;
    entry.maxMs = Math.max(entry.maxMs, milliseconds);
  }

  timings(): TapTiming[] {
    return [...this.entries.values()].map((entry) => ({ ...entry }));
  }
}
