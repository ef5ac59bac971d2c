import type { Terminal } from '../../core/contracts/terminal.js';
import { createConsoleSink } from '../../plugins/sinks/console/console-sink.js';
import type { MergeProgress } from '../../tools/merge/index.js';

const [KILOBYTE, MEGABYTE] = [1e3, 1e6];
/** Bytes from which megabytes tell a progress. */
const LARGE = 10 * MEGABYTE;

/** How far a merge is, on the same line that runs use. */
export class MergeProgressLine {
  private readonly sink;
  private task = '';
  private started = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    terminal: Terminal,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.sink = createConsoleSink(terminal, { interval: 5, redraw: 100, samples: false });
  }

  /** A merge starts. */
  start(task: string): void {
    this.task = task;
    this.started = this.now();
  }

  update({ doneBytes, totalBytes }: MergeProgress): void {
    const seconds = (this.now() - this.started) / 1000;
    const perSecond = seconds > 0 ? doneBytes / seconds : 0;
    const [unit, size] = totalBytes < LARGE ? (['kB', KILOBYTE] as const) : (['MB', MEGABYTE] as const);
    this.sink.write({
      ...{ type: 'progress', phase: 'merge', task: this.task, unit, time: Date.now() },
      done: doneBytes / size,
      total: totalBytes / size,
      values: { 'GB/s': perSecond / 1e9 },
      etaSeconds: perSecond > 0 ? (totalBytes - doneBytes) / perSecond : null,
    });
  }

  close(): void {
    void this.sink.close?.();
  }
}
