import type { TextObserver, TextPiece, ThinkingItem, ThoughtTally } from '../../nn/generation/index.js';
import type { GeneratedText } from './model.js';

/** Writes down what a text and the thoughts on its way are made of, and how long each took. */
export class TextRecord implements TextObserver {
  private readonly started = performance.now();
  private readonly prompt = { promptTokens: 0, promptTokensSeen: 0 };
  private readonly thoughts: { after: number; text: string }[] = [];
  private text = '';
  private tokens = 0;
  private since = this.started;

  /**
   * @param thinking its marks and the tally to be kept; null where no thoughts are written
   * @param told of the prompt
   */
  constructor(
    private readonly thinking: { readonly start: number; readonly tally: ThoughtTally } | null,
    private readonly told?: (tokens: number, seen: number) => void,
  ) {}

  /** The model goes on now: what the reader of its text did meanwhile is no time of the model. */
  resume(): void {
    this.since = performance.now();
  }

  onPrompt(promptTokens: number, promptTokensSeen: number): void {
    Object.assign(this.prompt, { promptTokens, promptTokensSeen });
    this.told?.(promptTokens, promptTokensSeen);
    this.resume();
  }

  onToken(item: ThinkingItem): void {
    const seconds = (performance.now() - this.since) / 1000;
    this.thinking?.tally.add(item, seconds);
    if (item.kind === 'text') this.tokens++;
    else if (item.id === this.thinking?.start) this.thoughts.push({ after: this.tokens, text: '' });
    this.resume();
  }

  onPiece({ kind, text }: TextPiece): void {
    if (kind === 'text') this.text += text;
    else this.thoughts.at(-1)!.text += text;
  }

  /** @param stopped why; null: by its end or its length, whichever it was. @param maxTokens of the text */
  result(stopped: 'aborted' | null, maxTokens: number): GeneratedText {
    const { text, tokens, thinking } = this;
    return {
      ...{ text, ...this.prompt, tokens },
      thoughts: thinking && { ...thinking.tally.cost(), written: this.thoughts },
      stopped: stopped ?? (tokens < maxTokens ? 'end' : 'length'),
      seconds: (performance.now() - this.started) / 1000,
    };
  }
}
