import { join } from 'node:path';
import { encodeJson } from '../../../core/contracts/json-numbers.js';
import type { FlushPoint, RunEvent, Sink, SinkContext } from '../../../core/contracts/sink.js';
import { LineFile, type WriteBytes } from './line-file.js';
import { PositionMark } from './position-mark.js';

export const EVENTS_FILE = 'events.jsonl';
export const METRICS_FILE = 'metrics.jsonl';
/** How long `metrics.jsonl` was when everything in it was last safe from being measured again. */
const MARK_FILE = 'metrics.mark.json';

export interface JsonlSinkOptions {
  /** Most seconds that a line stays in memory while events keep arriving. */
  readonly delay: number;
  /** Whether progress events are written too; they repeat what the metrics say. */
  readonly progress: boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** Default: `fs.writeSync`. */
  readonly writeBytes?: WriteBytes;
}

/**
 * Metric points to `metrics.jsonl`, everything else to `events.jsonl`, in the order they happened. A resumed session
 * appends to the events. Its metrics are cut back to where they were at the last checkpoint: what came later is
 * measured again. (A point can still appear twice, after a rollback or when a damaged checkpoint had to be passed
 * over; the later line counts.)
 */
export class JsonlSink implements Sink {
  private files: { readonly events: LineFile; readonly metrics: LineFile } | null = null;
  private mark: PositionMark | null = null;
  private readonly now: () => number;
  private writtenAt = 0;

  constructor(private readonly options: JsonlSinkOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  open(context: SinkContext): void {
    const open = (name: string): LineFile =>
      new LineFile(join(context.folder, name), undefined, this.options.writeBytes);
    this.files = { events: open(EVENTS_FILE), metrics: open(METRICS_FILE) };
    this.mark = new PositionMark(join(context.folder, MARK_FILE), this.options.writeBytes);
    const position = context.resumed ? this.mark.read() : null;
    if (position !== null) this.files.metrics.cutBack(position);
    else if (!context.resumed) this.mark.write(0);
    this.writtenAt = this.now();
  }

  write(event: RunEvent): void {
    if (this.files === null || (event.type === 'progress' && !this.options.progress)) return;
    const file = event.type === 'metric' ? this.files.metrics : this.files.events;
    file.append(encodeJson(event));
    const now = this.now();
    if (now - this.writtenAt < this.options.delay * 1000) return;
    this.writtenAt = now;
    this.files.events.write();
    this.files.metrics.write();
  }

  flush(point?: FlushPoint): void {
    this.files?.events.flush();
    this.files?.metrics.flush();
    if (this.files !== null && point?.resumable === true) this.mark?.write(this.files.metrics.size);
  }

  close(): void {
    const files = this.files;
    this.files = null;
    try {
      files?.events.close();
    } finally {
      files?.metrics.close();
    }
  }
}
