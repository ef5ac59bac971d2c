import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { stream } from '../random/index.js';
import type { Generator } from './generator.js';
import type { SamplingOptions } from './sampling.js';

export interface TextOptions extends SamplingOptions {
  readonly maxTokens: number;
  readonly seed: number;
}

/** Hears what a text is made of: counts that cannot be worked out from the text again. */
export interface TextObserver {
  /** Ids the prompt makes, the start of a document included, and how many of the last of them the model sees. */
  onPrompt?(tokens: number, seen: number): void;
  /** An id was chosen; its text may follow later. */
  onToken?(): void;
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
  const start = tokenizer.special.bos ?? tokenizer.special.eos ?? 0;
  const ids = [start, ...tokenizer.encode(prompt)];
  observer.onPrompt?.(ids.length, Math.min(ids.length, generator.contextLength));
  const random = stream(options.seed, 'generate', prompt);
  const produced: number[] = [];
  let written = 0;
  const limits = { stop: tokenizer.special.eos, vocabulary: tokenizer.vocabularySize };
  for await (const { id } of generator.generate(ids, { ...options, ...limits }, random)) {
    produced.push(id);
    observer.onToken?.();
    const text = tokenizer.decode(produced);
    const whole = text.endsWith('\uFFFD') ? written : text.length;
    if (whole > written) yield text.slice(written, whole);
    written = whole;
  }
  const rest = tokenizer.decode(produced).slice(written);
  if (rest !== '') yield rest;
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
