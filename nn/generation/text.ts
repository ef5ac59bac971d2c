import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { stream } from '../random/index.js';
import { generateCalling, plainly, type CallingItem } from './calling.js';
import type { Calling, WrittenCall } from './calls.js';
import type { Generator, WritingOptions } from './generator.js';
import type { SamplingOptions } from './sampling.js';
import { generateThinking, type ThinkingOptions } from './thinking.js';
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
  onToken?(item: CallingItem): void;
  /** A tool was called; its result follows. */
  onCall?(call: WrittenCall): void;
}

/** A piece of a text, a thought, a call or a result; the tags around the latter three are part of them. */
export interface TextPiece {
  readonly kind: CallingItem['kind'];
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

/** A text to be continued, with the ids that it is read as where those are not simply the ones it is encoded to. */
export interface SpeltPrompt {
  /** Names the random numbers. */
  readonly text: string;
  /** All that is read, at least one id; `before` is not put in front of them. */
  readonly ids: readonly number[];
}

/** What may happen on the way to a text. */
export interface PiecesOptions extends TextOptions {
  /** Absent: it does not think. */
  readonly thinking?: ThinkingOptions;
  /** Absent: it calls nothing. */
  readonly calling?: Omit<Calling, 'tokenizer'>;
  /** Stands in front of the prompt, and tags in it are their tokens, which in a prompt they never are. */
  readonly before?: string;
}

/** The same with the thoughts, calls and results on the way, where there are to be some: each of them a text of its own. */
export async function* generatePieces(
  generator: Generator,
  tokenizer: Tokenizer,
  prompt: string | SpeltPrompt,
  options: PiecesOptions,
  observer: TextObserver = {},
): AsyncGenerator<TextPiece> {
  const { ids, text: named } =
    typeof prompt === 'string' ? spelt(tokenizer, prompt, options.before ?? '') : prompt;
  observer.onPrompt?.(ids.length, Math.min(ids.length, generator.contextLength));
  const text = new Spelling(tokenizer);
  let aside: { readonly kind: TextPiece['kind']; readonly spelling: Spelling } | null = null;
  for await (const item of itemsOf(generator, tokenizer, ids, named, options, observer)) {
    observer.onToken?.(item);
    const { kind, id } = item;
    if (aside !== null && aside.kind !== kind) {
      yield* held(aside.kind, aside.spelling);
      aside = null;
    }
    if (kind !== 'text') aside ??= { kind, spelling: new Spelling(tokenizer) };
    const piece = (aside?.spelling ?? text).add(id);
    if (piece !== '') yield { kind, text: piece };
  }
  if (aside !== null) yield* held(aside.kind, aside.spelling);
  yield* held('text', text);
}

/** @param before tags in it are their tokens */
function spelt(tokenizer: Tokenizer, text: string, before: string): SpeltPrompt {
  const start = tokenizer.special.bos ?? tokenizer.special.eos ?? 0;
  return { text, ids: [start, ...tokenizer.encode(before, { specials: true }), ...tokenizer.encode(text)] };
}

/** @param prompt names the random numbers */
function itemsOf(
  generator: Generator,
  tokenizer: Tokenizer,
  ids: readonly number[],
  prompt: string,
  { thinking, calling, ...options }: PiecesOptions,
  observer: TextObserver,
): AsyncIterable<CallingItem> {
  const random = stream(options.seed, 'generate', prompt);
  const writing: WritingOptions = { ...options, stop: tokenizer.special.eos, ...writableIds(tokenizer) };
  if (calling !== undefined) {
    const calls = { calling: { ...calling, tokenizer }, ...(thinking && { thinking }) };
    const onCall = (call: WrittenCall): void => observer.onCall?.(call);
    return generateCalling(generator, ids, { ...writing, ...calls, onCall }, random);
  }
  if (thinking !== undefined) return generateThinking(generator, ids, { ...writing, thinking }, random);
  return plainly(generator.generate(ids, writing, random));
}

/** What was held back of a text that is over. */
function* held(kind: TextPiece['kind'], spelling: Spelling): Iterable<TextPiece> {
  const text = spelling.rest();
  if (text !== '') yield { kind, text };
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
