import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { stream } from '../random/index.js';
import type { Generator, WrittenId } from './generator.js';
import type { SamplingOptions } from './sampling.js';
import { generateThinking, type ThinkingItem, type ThinkingOptions } from './thinking.js';
import { writableIds } from './writable.js';

export interface TextOptions extends SamplingOptions {
  readonly maxTokens: number;
  readonly seed: number;
}

/** Hears what a text is made of: counts that cannot be worked out from the text again. */
export interface TextObserver {
  /** Ids the prompt makes, the start of a document included, and how many of the last of them the model sees. */
  onPrompt?(tokens: number, seen: number): void;
  /** An id was chosen; its text may follow later. */
  onToken?(item: ThinkingItem): void;
}

/** A piece of a text or of a thought; of thoughts the tags are part. */
export interface TextPiece {
  readonly kind: ThinkingItem['kind'];
  readonly text: string;
}

export const DEFAULT_TEXT_OPTIONS: TextOptions = {
  temperature: 0.8,
  topK: 50,
  topP: 0.95,
  maxTokens: 128,
  seed: 0,
};

/**
 * Stream the continuation of a prompt as text. An empty prompt starts a document. Pieces end on whole characters:
 * bytes of an unfinished one are held back. Of a prompt longer than the context the model sees the end.
 */
export async function* generateText(
  generator: Generator,
  tokenizer: Tokenizer,
  prompt: string,
  options: TextOptions,
  observer: TextObserver = {},
): AsyncGenerator<string> {
  for await (const { text } of generatePieces(generator, tokenizer, prompt, options, observer)) yield text;
}

/** The same with the thoughts on the way, where there are to be some: each of them a text of its own. */
export async function* generatePieces(
  generator: Generator,
  tokenizer: Tokenizer,
  prompt: string,
  { thinking, ...options }: TextOptions & { readonly thinking?: ThinkingOptions },
  observer: TextObserver = {},
): AsyncGenerator<TextPiece> {
  const start = tokenizer.special.bos ?? tokenizer.special.eos ?? 0;
  const ids = [start, ...tokenizer.encode(prompt)];
  observer.onPrompt?.(ids.length, Math.min(ids.length, generator.contextLength));
  const random = stream(options.seed, 'generate', prompt);
  const writing = { ...options, stop: tokenizer.special.eos, ...writableIds(tokenizer) };
  const items =
    thinking === undefined
      ? plainly(generator.generate(ids, writing, random))
      : generateThinking(generator, ids, { ...writing, thinking }, random);
  const text = new Spelling(tokenizer);
  let thought = new Spelling(tokenizer);
  for await (const item of items) {
    observer.onToken?.(item);
    const { kind, id } = item;
    const piece = (kind === 'text' ? text : thought).add(id);
    if (piece !== '') yield { kind, text: piece };
    if (id !== thinking?.end) continue;
    const rest = thought.rest();
    if (rest !== '') yield { kind: 'thought', text: rest };
    thought = new Spelling(tokenizer);
  }
  const rest = text.rest();
  if (rest !== '') yield { kind: 'text', text: rest };
}

async function* plainly(written: AsyncIterable<WrittenId>): AsyncGenerator<ThinkingItem> {
  for await (const item of written) yield { kind: 'text', ...item };
}

/** Text of ids that come one after the other, in pieces that end on whole characters. */
class Spelling {
  private readonly ids: number[] = [];
  private written = 0;

  constructor(private readonly tokenizer: Tokenizer) {}

  add(id: number): string {
    this.ids.push(id);
    const text = this.all();
    return this.upTo(text, text.endsWith('\uFFFD') ? this.written : text.length);
  }

  /** What was held back. */
  rest(): string {
    const text = this.all();
    return this.upTo(text, text.length);
  }

  private all(): string {
    return this.tokenizer.decode(this.ids, { specials: true });
  }

  private upTo(text: string, end: number): string {
    const piece = text.slice(this.written, Math.max(end, this.written));
    this.written = end;
    return piece;
  }
}

/** The whole continuation at once. */
export async function completeText(
  generator: Generator,
  tokenizer: Tokenizer,
  prompt: string,
  options: TextOptions,
): Promise<string> {
  let text = '';
  for await (const piece of generateText(generator, tokenizer, prompt, options)) text += piece;
  return text;
}
