import { SINK, type RunEvent, type Sink, type SinkContext } from '../../contracts/index.js';
import { messageOf } from '../../errors/message-of.js';
import type { EventListener } from '../../kernel/event-bus.js';
import type { ExtensionPoints } from '../../kernel/extension-points.js';
import { isThenable, namesItsPlugin, type PluginCall, type PluginCalls } from '../../kernel/plugin-calls.js';

interface OpenSink {
  readonly name: string;
  readonly plugin: string;
  readonly sink: Sink;
  /** Made once: `write` is called for every event. */
  readonly writing: PluginCall;
  open: boolean;
}

/**
 * The sinks of one run. One that fails, at any moment and in any way (by throwing, by a promise that is rejected,
 * by not coming back), is switched off with one warning and closed; the run and the other sinks go on.
 */
export class SinkSet implements EventListener {
  private readonly sinks: OpenSink[] = [];

  /** @param warn hears of sinks that failed: the message, and the sink's name */
  constructor(
    private readonly calls: PluginCalls,
    private readonly warn: (message: string, sink: string) => void,
  ) {}

  async open(names: readonly string[], points: ExtensionPoints, context: SinkContext): Promise<void> {
    for (const name of names) {
      try {
        const { plugin } = points.providerOf(SINK, name);
        const entry = this.entry(name, plugin, points.resolve(SINK, name));
        // Closed in the end, whether or not it could be opened: it may hold something already.
        this.sinks.push(entry);
        await this.call(entry, 'open', () => entry.sink.open?.(context));
        entry.open = true;
      } catch (error) {
        this.warn(`Sink "${name}" could not be opened: ${messageOf(error)}`, name);
      }
    }
  }

  write(event: RunEvent): void {
    for (const entry of this.sinks) {
      if (!entry.open) continue;
      try {
        // The contract says void; a plugin in JavaScript may still give a promise.
        const write = entry.sink.write.bind(entry.sink) as (event: RunEvent) => unknown;
        const result = this.calls.inside(entry.writing, () => write(event));
        if (isThenable(result)) result.then(undefined, (error: unknown) => this.fail(entry, 'write', error));
      } catch (error) {
        this.fail(entry, 'write', error);
      }
    }
  }

  /**
   * Everything written so far is durable in every sink that still works.
   * @param mark what comes later is made again when the session is resumed: at a checkpoint, at the end of a phase
   */
  async flush(mark = false): Promise<void> {
    for (const entry of this.sinks.filter(({ open }) => open)) {
      try {
        await this.call(entry, 'flush', () => entry.sink.flush?.({ resumable: mark }));
      } catch (error) {
        this.fail(entry, 'flush', error);
      }
    }
  }

  /** Closes all, the last one opened first, also those switched off: they may still hold files. */
  async close(): Promise<void> {
    for (const entry of [...this.sinks].reverse()) {
      const working = entry.open;
      entry.open = false;
      try {
        await this.call(entry, 'close', () => entry.sink.close?.());
      } catch (error) {
        if (working) this.tell(entry, 'close', error, '');
      }
    }
    this.sinks.length = 0;
  }

  private entry(name: string, plugin: string, sink: Sink): OpenSink {
    const onStray = (error: Error): void => this.fail(entry, 'write', error);
    const writing: PluginCall = { plugin, name, what: 'sink.write', onStray };
    const entry: OpenSink = { name, plugin, sink, writing, open: false };
    return entry;
  }

  private call(
    entry: OpenSink,
    method: 'open' | 'flush' | 'close',
    work: () => void | Promise<void>,
  ): Promise<void> {
    const onStray = (error: Error): void => this.fail(entry, method, error);
    const call: PluginCall = { plugin: entry.plugin, name: entry.name, what: `sink.${method}`, onStray };
    return this.calls.wait(call, work, 'briefly');
  }

  private fail(entry: OpenSink, method: string, error: unknown): void {
    if (!entry.open) return;
    entry.open = false;
    this.tell(entry, method, error, ' and is switched off');
  }

  private tell({ name, plugin }: OpenSink, method: string, error: unknown, then: string): void {
    const whose = plugin === name ? '' : ` of plugin "${plugin}"`;
    // These say themselves who did not come back from what.
    const how = namesItsPlugin(error) ? 'failed' : `failed in ${method}`;
    this.warn(`Sink "${name}"${whose} ${how}${then}: ${messageOf(error)}`, name);
  }
}
