import type {
  CallingItem,
  TextObserver,
  TextPiece,
  ThoughtTally,
  WrittenCall,
} from '../../nn/generation/index.js';
import type { GeneratedText, TextCall } from './model.js';

/** Writes down what a text and the thoughts and calls on its way are made of, and how long each took. */
export class TextRecord implements TextObserver {
  private readonly started = performance.now();
  private readonly prompt = { promptTokens: 0, promptTokensSeen: 0 };
  private readonly thoughts: { after: number; text: string }[] = [];
  private readonly calls: TextCall[] = [];
  private text = '';
  private tokens = 0;
  /** Tokens of text and calls: what `maxTokens` counts. */
  private counted = 0;
  private since = this.started;

  /**
   * @param thinking its marks and the tally to be kept; null where no thoughts are written
   * @param calling whether it may call tools
   * @param told of the prompt and of calls
   */
  constructor(
    private readonly thinking: { readonly start: number; readonly tally: ThoughtTally } | null,
    private readonly calling: boolean,
    private readonly told: {
      readonly onPrompt?: (tokens: number, seen: number) => void;
      readonly onCalled?: (call: TextCall) => void;
    } = {},
  ) {}

  /** The model goes on now: what the reader of its text did meanwhile is no time of the model. */
  resume(): void {
    this.since = performance.now();
  }

  onPrompt(promptTokens: number, promptTokensSeen: number): void {
    Object.assign(this.prompt, { promptTokens, promptTokensSeen });
    this.told.onPrompt?.(promptTokens, promptTokensSeen);
    this.resume();
  }

  onToken({ kind, id }: CallingItem): void {
    const seconds = (performance.now() - this.since) / 1000;
    if (kind === 'text' || kind === 'thought') this.thinking?.tally.add({ kind, id }, seconds);
    if (kind === 'text') this.tokens++;
    if (kind === 'text' || kind === 'call') this.counted++;
    if (kind === 'thought' && id === this.thinking?.start)
      this.thoughts.push({ after: this.tokens, text: '' });
    this.resume();
  }

  onCall({ name: tool, args, result, outcome }: WrittenCall): void {
    const failure = outcome.ok ? null : outcome.failure;
    const call = { after: this.tokens, tool, args, result, failure };
    this.calls.push(call);
    this.told.onCalled?.(call);
    this.resume();
  }

  onPiece({ kind, text }: TextPiece): void {
    if (kind === 'text') this.text += text;
    else if (kind === 'thought') this.thoughts.at(-1)!.text += text;
  }

  /** @param stopped why; null: by its end or its length, whichever it was. @param maxTokens of text and calls */
  result(stopped: 'aborted' | null, maxTokens: number): GeneratedText {
    const { text, tokens, thinking, counted } = this;
    return {
      ...{ text, ...this.prompt, tokens },
      thoughts: thinking && { ...thinking.tally.cost(), written: this.thoughts },
      calls: this.calling ? this.calls : null,
      stopped: stopped ?? (counted < maxTokens ? 'end' : 'length'),
      seconds: (performance.now() - this.started) / 1000,
    };
  }
}
