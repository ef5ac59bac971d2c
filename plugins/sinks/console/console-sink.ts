import type { ProgressEvent, RunEvent, Sink } from '../../../contracts/sink.js';
import type { Terminal } from '../../../contracts/terminal.js';
import { styleOf } from '../../../terminal/index.js';
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

  protected abstract progress(event: ProgressEvent): void;
  protected abstract print(lines: readonly string[]): void;

  protected line(event: ProgressEvent, columns: number): string {
    return progressLine(event, {
      columns,
      memoryBytes: this.memory(),
      style: this.style,
      bar: this.terminal.interactive,
    });
  }
}

/** One line at the bottom, redrawn in place; everything else scrolls by above it. */
class LiveConsole extends ConsoleBase {
  private readonly live = new LiveLine(this.terminal);
  private drawnAt = Number.NEGATIVE_INFINITY;

  override close(): void {
    this.live.clear();
  }

  protected progress(event: ProgressEvent): void {
    const now = this.now();
    if (event.done < event.total && now - this.drawnAt < this.options.redraw) return;
    this.drawnAt = now;
    this.live.show(this.line(event, this.terminal.columns - 1));
  }

  protected print(lines: readonly string[]): void {
    this.live.above(lines);
  }
}

/** A line every few seconds, and one at the end of every task. */
class PlainConsole extends ConsoleBase {
  private printedAt = Number.NEGATIVE_INFINITY;
  private finished = '';

  protected progress(event: ProgressEvent): void {
    const task = `${event.phase}/${event.task}`;
    const done = event.done >= event.total;
    const now = this.now();
    if (done ? this.finished === task : now - this.printedAt < this.options.interval * 1000) return;
    this.finished = done ? task : '';
    this.printedAt = now;
    this.print([this.line(event, Number.POSITIVE_INFINITY)]);
  }

  protected print(lines: readonly string[]): void {
    this.terminal.write(lines.map((line) => `${line}\n`).join(''));
  }
}
