import type { ThinkingItem } from './thinking.js';

/** What thoughts cost beside the text they were written for. */
export interface ThoughtCost {
  /** Thoughts that were opened. */
  readonly count: number;
  /** Their tokens, marks included. */
  readonly tokens: number;
  /** Thoughts per token of text; null where there is no text. */
  readonly density: number | null;
  /** Their share of all tokens that were written, 0..1; null where none was. */
  readonly tokenShare: number | null;
  /** Seconds they took. */
  readonly seconds: number;
  /** Their share of the time that all tokens took, 0..1; null where none was written. */
  readonly timeShare: number | null;
}

/** Adds up what was written, with the time that each took: that is measured by whoever asks for it. */
export class ThoughtTally {
  private readonly tokens = { text: 0, thought: 0 };
  private readonly seconds = { text: 0, thought: 0 };
  private count = 0;

  /** @param start id of the mark that opens a thought */
  constructor(private readonly start: number) {}

  add({ kind, id }: Pick<ThinkingItem, 'kind' | 'id'>, seconds: number): void {
    this.tokens[kind]++;
    this.seconds[kind] += seconds;
    if (kind === 'thought' && id === this.start) this.count++;
  }

  cost(): ThoughtCost {
    const { text, thought } = this.tokens;
    return {
      count: this.count,
      tokens: thought,
      density: text === 0 ? null : this.count / text,
      tokenShare: shareOf(thought, text),
      seconds: this.seconds.thought,
      timeShare: shareOf(this.seconds.thought, this.seconds.text),
    };
  }
}

function shareOf(part: number, rest: number): number | null {
  return part + rest === 0 ? null : part / (part + rest);
}
