import { ForgeError } from '../../core/errors/index.js';
import type { TextOptions } from '../../nn/generation/index.js';
import { callingFor, type Tools } from './calls.js';
import type { GeneratedText, GenerateOptions, Model } from './model.js';
import type { ModelSource } from './model-source.js';
import type { OpenedGenerator } from './open-generator.js';
import { textOptions } from './text-options.js';
import { TextRecord } from './text-record.js';
import { thinkingFor } from './thoughts.js';

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
    this.requireAlive();
    const { signal, onPrompt, thoughts, onThought, tools, onCall, ...given } = options;
    const nn = await import('../../nn/generation/index.js');
    const settings: TextOptions = textOptions(prompt, nn.DEFAULT_TEXT_OPTIONS, given);
    const { generator, tokenizer } = this.opened;
    const thinking = await thinkingFor(this.source, tokenizer, thoughts);
    const calls = await callingFor(this.source, tokenizer, this.provided, tools);
    const tallied = thinking && { start: thinking.start, tally: new nn.ThoughtTally(thinking.start) };
    const record = new TextRecord(tallied ?? null, calls !== undefined, onPrompt);
    const writing = { ...settings, ...(thinking && { thinking }), ...calls };
    const pieces = nn.generatePieces(generator, tokenizer, prompt, writing, record);
    for (;;) {
      this.requireAlive();
      if (signal?.aborted === true) return record.result('aborted', settings.maxTokens);
      record.resume();
      const next = await this.busy(pieces.next());
      if (next.done === true) return record.result(null, settings.maxTokens);
      record.onPiece(next.value);
      const { kind, text } = next.value;
      if (kind === 'text') yield text;
      else (kind === 'thought' ? onThought : onCall)?.(text);
    }
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
