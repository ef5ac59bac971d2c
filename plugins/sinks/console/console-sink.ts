import type { ProgressEvent, RunEvent, Sink } from '../../../core/contracts/sink.js';
import type { Terminal } from '../../../core/contracts/terminal.js';
import { styleOf } from './terminal/index.js';
import { describeEvent } from './describe-event.js';
import { LiveLine } from './live-line.js';
import { progressLine } from './progress-line.js';

export interface ConsoleSinkOptions {
  /** Seconds between progress lines when the output is not a terminal. */
  readonly interval: number;
  /** Least milliseconds between two redraws of the live line. */
  readonly redraw: number;
  readonly samples: boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** Resident bytes of this process. */
  readonly memory?: () => number;
}

/**
 * A console sink over a terminal. Engines hold the event loop during a step, so everything is drawn when an event
 * arrives; there are no timers.
 */
export function createConsoleSink(terminal: Terminal, options: ConsoleSinkOptions): Sink {
  return terminal.interactive ? new LiveConsole(terminal, options) : new PlainConsole(terminal, options);
}

/** Events as printed lines; what differs is how progress is shown. */
abstract class ConsoleBase implements Sink {
  protected readonly style;
  protected readonly now: () => number;
  protected readonly memory: () => number;
  private finished = '';

  constructor(
    protected readonly terminal: Terminal,
    protected readonly options: ConsoleSinkOptions,
  ) {
    this.style = styleOf(terminal);
    this.now = options.now ?? (() => performance.now());
    this.memory = options.memory ?? (() => process.memoryUsage.rss());
  }

  write(event: RunEvent): void {
    if (event.type === 'metric') return;
    if (event.type === 'progress') {
      if (this.terminal.verbosity !== 'quiet') this.progress(event);
      return;
    }
    const lines = describeEvent(event, {
      ...this.terminal,
      style: this.style,
      samples: this.options.samples,
    });
    if (lines.length > 0) this.print(lines);
  }

  close(): void {}

  /** A task goes on. */
  protected abstract advance(event: ProgressEvent): void;
  /** A task is done: its last line stays. */
  protected abstract finish(event: ProgressEvent): void;
  protected abstract print(lines: readonly string[]): void;

  protected line(event: ProgressEvent, columns: number): string {
    return progressLine(event, {
      columns,
      memoryBytes: this.memory(),
      style: this.style,
      bar: this.terminal.interactive && event.done < event.total,
    });
  }

  private progress(event: ProgressEvent): void {
    const task = `${event.phase}/${event.task}`;
    if (event.done < event.total) {
      this.finished = '';
      this.advance(event);
    } else if (this.finished !== task) {
      this.finished = task;
      this.finish(event);
    }
  }
}

/** One line at the bottom, redrawn in place; everything else scrolls by above it. */
class LiveConsole extends ConsoleBase {
  private readonly live = new LiveLine(this.terminal);
  private drawnAt = Number.NEGATIVE_INFINITY;

  override write(event: RunEvent): void {
    if (event.type === 'lifecycle' && event.event === 'phase-end') this.live.clear();
    super.write(event);
  }

  override close(): void {
    this.live.clear();
  }

  protected advance(event: ProgressEvent): void {
    const now = this.now();
    if (now - this.drawnAt < this.options.redraw) return;
    this.drawnAt = now;
    this.live.show(this.line(event, this.terminal.columns - 1));
  }

  protected finish(event: ProgressEvent): void {
    this.live.clear();
    this.drawnAt = Number.NEGATIVE_INFINITY;
    this.print([this.line(event, this.terminal.columns - 1)]);
  }

  protected print(lines: readonly string[]): void {
    this.live.above(lines);
  }
}

/** A line every few seconds, and one at the end of every task. */
class PlainConsole extends ConsoleBase {
  private printedAt = Number.NEGATIVE_INFINITY;

  protected advance(event: ProgressEvent): void {
    if (this.now() - this.printedAt >= this.options.interval * 1000) this.finish(event);
  }

  protected finish(event: ProgressEvent): void {
    this.printedAt = this.now();
    this.print([this.line(event, Number.POSITIVE_INFINITY)]);
  }

  protected print(lines: readonly string[]): void {
    this.terminal.write(lines.map((line) => `${line}\n`).join(''));
  }
}
