import type { TapTiming } from './types.js';

interface Entry {
  readonly hook: string;
  readonly plugin: string;
  calls: number;
  totalMs: number;
  maxMs: number;
}

/** Measures every tap by hook and plugin, and knows which taps have not come back yet. */
export class TapClock {
  private readonly entries = new Map<string, Entry>();
  private readonly open = new Map<symbol, string>();

  /** Start measuring a call; call the returned function when it is over. */
  start(hook: string, plugin: string): () => void {
    const call = Symbol(hook);
    this.open.set(call, `hook ${hook} of plugin "${plugin}"`);
    const started = performance.now();
    return () => {
      this.open.delete(call);
      this.add(hook, plugin, performance.now() - started);
    };
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

  /** Taps that were called and have not settled, in words. */
  pending(): string[] {
    return [...this.open.values()];
  }

  timings(): TapTiming[] {
    return [...this.entries.values()].map((entry) => ({ ...entry }));
  }
}
