import { ForgeError } from '../../core/errors/index.js';
import type { SpeltPrompt, TextOptions, TextPiece } from '../../nn/generation/index.js';
import type { ChatOptions, Conversation } from '../chat/conversation.js';
import { callingFor, type Tools } from './calls.js';
import type { GeneratedText, GenerateOptions, Model, TextCall } from './model.js';
import type { ModelSource } from './model-source.js';
import type { OpenedGenerator } from './open-generator.js';
import { personaFor } from './personas.js';
import { textOptions } from './text-options.js';
import { TextRecord } from './text-record.js';
import { thinkingFor } from './thoughts.js';

/** Programs without types may give anything. */
function textOf(prompt: unknown): unknown {
  return typeof prompt === 'object' && prompt !== null ? (prompt as Partial<SpeltPrompt>).text : prompt;
}

/** How to write where pieces of all kinds are read. */
export interface PiecesOptions extends Omit<GenerateOptions, 'onThought' | 'onCall'> {
  readonly onCalled?: (call: TextCall) => void;
}

/** {@link Model} over an opened generator. */
export class OpenedModel implements Model {
  readonly name;
  readonly id;
  readonly folder;
  readonly config;
  readonly metadata;
  readonly tokenizer;
  readonly contextLength;
  private readonly writing = new Set<Promise<unknown>>();
  private disposing: Promise<void> | null = null;

  /** @param provided tools that it may call @param release what else goes when the model does */
  constructor(
    private readonly source: ModelSource,
    private readonly opened: OpenedGenerator,
    private readonly provided: Tools,
    private readonly release: () => Promise<void> = async () => undefined,
  ) {
    this.name = source.name;
    this.id = source.id;
    this.folder = source.folder;
    this.config = source.config;
    this.metadata = source.metadata;
    this.tokenizer = opened.tokenizer;
    this.contextLength = opened.contextLength;
  }

  async *generate(prompt: string, options: GenerateOptions = {}): AsyncGenerator<string, GeneratedText> {
    const { onThought, onCall, ...others } = options;
    const pieces = this.pieces(prompt, others);
    for (;;) {
      const next = await pieces.next();
      if (next.done === true) return next.value;
      const { kind, text } = next.value;
      if (kind === 'text') yield text;
      else (kind === 'thought' ? onThought : onCall)?.(text);
    }
  }

  /** As `generate`, with thoughts, calls and results among the pieces. @param onCalled told of each call when it is made */
  async *pieces(
    prompt: string | SpeltPrompt,
    options: PiecesOptions = {},
  ): AsyncGenerator<TextPiece, GeneratedText> {
    this.requireAlive();
    const { signal, onPrompt, onCalled, thoughts, tools, persona, ...given } = options;
    const nn = await import('../../nn/generation/index.js');
    const settings: TextOptions = textOptions(textOf(prompt), nn.DEFAULT_TEXT_OPTIONS, given);
    const { generator, tokenizer } = this.opened;
    const thinking = await thinkingFor(this.source, tokenizer, thoughts);
    const calls = await callingFor(this.source, tokenizer, this.provided, tools);
    const before = `${personaFor(this.source, tokenizer, persona)}${calls?.manuals.join('') ?? ''}`;
    const tallied = thinking && { start: thinking.start, tally: new nn.ThoughtTally(thinking.start) };
    const record = new TextRecord(tallied ?? null, calls !== undefined, { onPrompt, onCalled });
    const ways = { ...(thinking && { thinking }), ...(calls && { calling: calls.calling }) };
    const written = nn.generatePieces(generator, tokenizer, prompt, { ...settings, ...ways, before }, record);
    for (;;) {
      this.requireAlive();
      if (signal?.aborted === true) return record.result('aborted', settings.maxTokens);
      record.resume();
      const next = await this.busy(written.next());
      if (next.done === true) return record.result(null, settings.maxTokens);
      record.onPiece(next.value);
      yield next.value;
    }
  }

  async chat(options: ChatOptions = {}): Promise<Conversation> {
    this.requireAlive();
    const { openConversation } = await import('../chat/open-conversation.js');
    const { source, tokenizer, contextLength, provided } = this;
    const pieces: OpenedModel['pieces'] = (prompt, asked) => this.pieces(prompt, asked);
    return openConversation({ source, tokenizer, contextLength, provided, pieces }, options);
  }

  async complete(
    prompt: string,
    { onText, ...options }: GenerateOptions & { readonly onText?: (piece: string) => void } = {},
  ): Promise<GeneratedText> {
    const pieces = this.generate(prompt, options);
    for (;;) {
      const next = await pieces.next();
      if (next.done === true) return next.value;
      onText?.(next.value);
    }
  }

  dispose(): Promise<void> {
    this.disposing ??= this.letGo();
    return this.disposing;
  }

  private async letGo(): Promise<void> {
    await Promise.allSettled(this.writing);
    try {
      await this.opened.dispose();
    } finally {
      await this.release();
    }
  }

  /** What `dispose` has to wait for. */
  private async busy<T>(work: Promise<T>): Promise<T> {
    this.writing.add(work);
    try {
      return await work;
    } finally {
      this.writing.delete(work);
    }
  }

  private requireAlive(): void {
    if (this.disposing === null) return;
    throw new ForgeError('AF_MODEL_DISPOSED', `The model ${this.name} was disposed.`, {
      fix: 'Load it again, or dispose of it (and of the project it came from) when its last text is written.',
    });
  }
}
