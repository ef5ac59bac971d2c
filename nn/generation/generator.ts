import type { RandomStream } from '../../core/contracts/merge.js';
import { answeringStep, type Answering } from './answers.js';
import type { WritingModel } from './rows-reader.js';
import { sampleToken, type SamplingOptions } from './sampling.js';
import { CarriedReader, type TextReader } from './text-reader.js';
import { WindowReader } from './window-reader.js';
import { writableLogits, type WritableIds } from './writable.js';

export interface GeneratorOptions extends WritingModel, Answering {}

/** How a text is continued. Of the ids those that `writableIds` leaves out are never chosen. */
export interface WritingOptions extends SamplingOptions, Partial<WritableIds> {
  readonly maxTokens: number;
  /** Ends the text without being part of it; null: only the length does. */
  readonly stop: number | null;
}

/** An id that was chosen, and the recursion steps its prediction took. */
export interface WrittenId {
  readonly id: number;
  readonly steps: number;
}

/** One prediction: the logits that answer, and how many recursion steps it took. */
export interface Prediction {
  readonly logits: Float32Array;
  readonly steps: number;
}

/**
 * Predicts next tokens with one model. Where the architecture has a decoder, a token that follows what was read before
 * costs one token; else it costs the whole text.
 */
export class Generator {
  private constructor(
    private readonly options: GeneratorOptions,
    private readonly reader: TextReader,
  ) {}

  static async create(options: GeneratorOptions): Promise<Generator> {
    const { decoder } = options.architecture;
    const reader =
      decoder === undefined
        ? await WindowReader.create(options)
        : await CarriedReader.create(options, decoder);
    return new Generator(options, reader);
  }

  /** Most ids of a prompt that are seen. */
  get contextLength(): number {
    return this.options.architecture.contextLength(this.options.config);
  }

  /** Predict the token after `ids`; only the last `contextLength` of them are seen. */
  predict(ids: readonly number[]): Promise<Prediction> {
    return this.after(ids.slice(-this.contextLength));
  }

  /**
   * Predict the token after a text of any length that goes on token by token: of a text beyond what can be read the end
   * is seen, see `endOfText`.
   */
  next(ids: readonly number[]): Promise<Prediction> {
    return this.after(this.reader.visible(ids));
  }

  /**
   * Continue `prompt` token by token until `stop` or `maxTokens`. Of the prompt the last `contextLength` ids are seen.
   * @param prompt at least one id
   */
  async *generate(
    prompt: readonly number[],
    options: WritingOptions,
    random: RandomStream,
  ): AsyncGenerator<WrittenId> {
    const ids = prompt.slice(-this.contextLength);
    for (let i = 0; i < options.maxTokens; i++) {
      const { logits, steps } = await this.next(ids);
      const id = sampleToken(writableLogits(logits, options), options, random);
      if (id === options.stop) return;
      ids.push(id);
      yield { id, steps };
    }
  }

  dispose(): Promise<void> {
    return this.reader.dispose();
  }

  private async after(ids: readonly number[]): Promise<Prediction> {
    const { logits, halting } = await this.reader.read(ids);
    const [steps, , width] = logits!.shape as [number, number, number];
    const chosen = answeringStep(halting, 0, steps, this.options);
    const all = logits!.data as Float32Array;
    return { logits: all.subarray(chosen * width, (chosen + 1) * width), steps: chosen + 1 };
  }
}
