import type { RunEvent } from '../../core/contracts/sink.js';

/** A text a model wrote during the run. */
export interface RecordedSample {
  readonly model: string | null;
  readonly prompt: string;
  readonly text: string;
}

/** Listens to a run and keeps what its report needs and the kernel's result does not carry. */
export class RunRecorder {
  readonly samples: RecordedSample[] = [];
  private readonly rates: number[] = [];

  readonly listen = (event: RunEvent): void => {
    if (event.type === 'lifecycle' && event.event === 'sample') this.samples.push(sampleOf(event.facts));
    else if (event.type === 'metric' && event.name === TOKENS_PER_SECOND && isFinite(event.value))
      this.rates.push(event.value);
  };

  /** Put samples of earlier runs of the session before those of this one; what was made again counts once. */
  recall(earlier: readonly RecordedSample[]): void {
    const all = [...earlier, ...this.samples].map((sample) => [JSON.stringify(sample), sample] as const);
    this.samples.splice(0, this.samples.length, ...new Map(all).values());
  }

  /** Median over every step that reported its rate; null when none did. */
  tokensPerSecond(): number | null {
    const sorted = [...this.rates].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }
}

const TOKENS_PER_SECOND = 'system/tokens_per_second';

/** What a `sample` event says. */
export function sampleOf(facts: Readonly<Record<string, unknown>>): RecordedSample {
  const text = (name: string): string => (typeof facts[name] === 'string' ? facts[name] : '');
  return {
    model: typeof facts['model'] === 'string' ? facts['model'] : null,
    prompt: text('prompt'),
    text: text('text'),
  };
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}
