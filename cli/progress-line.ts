import type { Terminal } from '../core/contracts/terminal.js';
import { createConsoleSink } from '../plugins/sinks/console/console-sink.js';
import type { EvaluationProgress } from '../tools/index.js';

/** How far something is that is counted, on the same line that runs use. */
export class ProgressLine {
  private readonly sink;
  private task = '';
  private started = 0;

  /**
   * @param work what is being done
   * @param now milliseconds of a clock that never goes back
   */
  constructor(
    terminal: Terminal,
    private readonly work: string,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.sink = createConsoleSink(terminal, { interval: 5, redraw: 100, samples: false });
  }

  update({ task, done, total, unit }: EvaluationProgress): void {
    if (task !== this.task) {
      this.task = task;
      this.started = this.now();
    }
    const seconds = (this.now() - this.started) / 1000;
    this.sink.write({
      ...{ type: 'progress', phase: this.work, time: Date.now(), values: {} },
      ...{ task, done, total, unit },
      etaSeconds: done > 0 ? ((total - done) * seconds) / done : null,
    });
  }

  close(): void {
    void this.sink.close?.();
  }
}
