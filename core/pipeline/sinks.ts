import { SINK, type Logger, type RunEvent, type Sink, type SinkContext } from '../../contracts/index.js';
import { messageOf } from '../kernel/errors.js';
import type { EventListener } from '../kernel/event-bus.js';
import type { ExtensionPoints } from '../kernel/extension-points.js';

interface OpenSink {
  readonly name: string;
  readonly sink: Sink;
  open: boolean;
}

/**
 * The sinks of one run. One that throws, at any moment, is switched off with one warning and closed; the run and the
 * other sinks go on.
 */
export class SinkSet implements EventListener {
  private readonly sinks: OpenSink[] = [];

  constructor(private readonly log: Logger) {}

  async open(names: readonly string[], points: ExtensionPoints, context: SinkContext): Promise<void> {
    for (const name of names) {
      try {
        const sink = points.resolve(SINK, name);
        const entry: OpenSink = { name, sink, open: true };
        await sink.open?.(context);
        this.sinks.push(entry);
      } catch (error) {
        this.warn(name, 'could not be opened', error);
      }
    }
  }

  write(event: RunEvent): void {
    for (const entry of this.sinks) {
      if (!entry.open) continue;
      try {
        entry.sink.write(event);
      } catch (error) {
        this.switchOff(entry, error);
      }
    }
  }

  /** Everything written so far is durable in every sink that still works. */
  async flush(): Promise<void> {
    for (const entry of this.sinks.filter(({ open }) => open)) {
      try {
        await entry.sink.flush?.();
      } catch (error) {
        this.switchOff(entry, error);
      }
    }
  }

  /** Closes all, also those switched off: they may still hold files. */
  async close(): Promise<void> {
    for (const entry of this.sinks.splice(0).reverse()) {
      try {
        await entry.sink.close?.();
      } catch (error) {
        if (entry.open) this.warn(entry.name, 'could not be closed', error);
      }
    }
  }

  private switchOff(entry: OpenSink, error: unknown): void {
    entry.open = false;
    this.warn(entry.name, 'failed and is switched off', error);
  }

  private warn(name: string, what: string, error: unknown): void {
    this.log.warn(`Sink "${name}" ${what}: ${messageOf(error)}`, { sink: name });
  }
}
