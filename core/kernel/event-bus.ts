import type { KernelHooks, LogEvent, Logger, RunEvent } from '../contracts/index.js';
import { plainFacts } from './plain-facts.js';
import type { Stopwatch } from './stopwatch.js';

/** Who hears events during a run besides the hooks: the opened sinks. */
export interface EventListener {
  write(event: RunEvent): void;
}

/** Everything that happens goes through here once: to the caller's listener, the `onEvent` taps and the sinks. */
export class EventBus {
  private sinks: EventListener | null = null;
  private stopwatch: Stopwatch | null = null;
  private count = 0;

  constructor(
    private readonly hooks: Pick<KernelHooks, 'onEvent'>,
    private readonly listener: ((event: RunEvent) => void) | undefined,
  ) {}

  /** Events sent since the last {@link attach}. */
  get events(): number {
    return this.count;
  }

  /** Send to sinks too, and measure, from now on. */
  attach(sinks: EventListener, stopwatch: Stopwatch): void {
    this.sinks = sinks;
    this.stopwatch = stopwatch;
    this.count = 0;
  }

  detach(): void {
    this.sinks = null;
    this.stopwatch = null;
  }

  emit(given: RunEvent): void {
    this.count += 1;
    const event = sealed(given);
    const started = performance.now();
    this.listener?.(event);
    const heard = performance.now();
    this.hooks.onEvent.call(event);
    const tapped = performance.now();
    this.sinks?.write(event);
    this.stopwatch?.add('events', heard - started);
    this.stopwatch?.add('hooks', tapped - heard);
    this.stopwatch?.add('sinks', performance.now() - tapped);
  }

  /** A logger whose messages are events of the given source (a plugin, a phase, `kernel`). */
  logger(source: string): Logger {
    const at =
      (level: LogEvent['level']): Logger['info'] =>
      (message, facts) =>
        this.emit({ type: 'log', level, message, source, facts, time: Date.now() });
    return Object.freeze({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') });
  }
}

/** Everybody is given the same event and nobody can change it; what a plugin put into it stays the plugin's own. */
function sealed(event: RunEvent): RunEvent {
  if (event.type === 'metric' || event.type === 'progress') return Object.freeze(event);
  return Object.freeze({
    ...event,
    facts: event.facts === undefined ? undefined : plainFacts(event.facts),
  } as RunEvent);
}
