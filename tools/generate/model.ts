import type { ModelConfig, ModelMetadata } from '../../core/contracts/model.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import type { TextOptions, ThoughtCost } from '../../nn/generation/index.js';
import type { CallFailure } from '../../nn/tools/index.js';
import type { ChatOptions, Conversation } from '../chat/conversation.js';

/** How to write; what is left out is as the command line has it. */
export interface GenerateOptions extends Partial<TextOptions> {
  /** Aborting it ends the text after the token at hand; that is no error. */
  readonly signal?: AbortSignal;
  /** Told before the first token: how long the prompt is in tokens, and how many of the last of them the model sees. */
  readonly onPrompt?: (tokens: number, seen: number) => void;
  /**
   * Let a model that was taught it think before the first token, as before the answer to a question, and before difficult
   * ones; `atStart: false`: before difficult ones alone; `'chosen'`: before the first where it would rather do so than
   * write or call. Default: it writes without thinking.
   */
  readonly thoughts?: boolean | { readonly atStart?: boolean | 'chosen' };
  /** Told of thoughts piece by piece, tags included, in the order in which text and thoughts are written. */
  readonly onThought?: (piece: string) => void;
  /**
   * Let a model that was taught it call tools; what they say becomes part of what it sees. `manuals`: names of tools whose
   * manuals stand in front of the prompt, each on a line, or `all`. Default false.
   */
  readonly tools?: boolean | { readonly manuals: readonly string[] | 'all' };
  /** Told of calls and their results piece by piece, tags included, in the order in which all is written. */
  readonly onCall?: (piece: string) => void;
  /** A persona that the model was given: its token stands in front of everything. */
  readonly persona?: string;
}

/** The thoughts on the way to a text, and what they cost. */
export interface WrittenThoughts extends ThoughtCost {
  /** Each with its tags, and how many tokens of the text came before it. */
  readonly written: readonly { readonly after: number; readonly text: string }[];
}

/** A tool call on the way to a text. */
export interface TextCall {
  /** Tokens of the text before it. */
  readonly after: number;
  /** Of the tool; null where what was written is no call. */
  readonly tool: string | null;
  readonly args: string;
  /** What the model was told; null where its text ended within the call. */
  readonly result: string | null;
  /** Why it failed; null: it did not. */
  readonly failure: CallFailure | null;
}

/** A text that was written. */
export interface GeneratedText {
  /** The continuation, without the prompt. */
  readonly text: string;
  /** Tokens the model was given: those of the prompt, and the one that starts a document. */
  readonly promptTokens: number;
  /** How many of them the model saw: of a prompt longer than its context the end. */
  readonly promptTokensSeen: number;
  /** Tokens of the text; the one that ends a document is not counted, nor are thoughts, calls and results. */
  readonly tokens: number;
  /** Null where the model was not asked to think. */
  readonly thoughts: WrittenThoughts | null;
  /** In order; null where the model was not asked to call tools. */
  readonly calls: readonly TextCall[] | null;
  /** `end`: the model ended its document. `length`: `maxTokens` was reached. `aborted`: by the signal. */
  readonly stopped: 'end' | 'length' | 'aborted';
  /** Seconds from the first token to the last. */
  readonly seconds: number;
}

/** A model in memory, ready to write. */
export interface Model {
  readonly name: string;
  /** Null for a folder without metadata, as a merge leaves it. */
  readonly id: string | null;
  /** Absolute path of the folder it was read from; null for a model of the registry. */
  readonly folder: string | null;
  /** Architecture and hyper-parameters. */
  readonly config: ModelConfig;
  /** Null for a folder without metadata. */
  readonly metadata: ModelMetadata | null;
  readonly tokenizer: Tokenizer;
  /** The most tokens that the model sees; of a longer text the end. */
  readonly contextLength: number;
  /**
   * Continue a prompt, piece by piece; an empty prompt starts a document. The same seed writes the same text. Several
   * texts may be written at the same time.
   *
   * @returns pieces that end on whole characters; what it took is the generator's return value
   * @throws ForgeError AF_MODEL_DISPOSED, AF_GENERATE_OPTIONS (also when a model is to think or to call tools that was not
   * taught to, or as a persona that it was not given), AF_PLUGIN_UNKNOWN when no plugin provides a tool that it may call
   */
  generate(prompt: string, options?: GenerateOptions): AsyncGenerator<string, GeneratedText>;
  /**
   * The whole continuation at once.
   * @param options `onText` is told of every piece
   */
  complete(
    prompt: string,
    options?: GenerateOptions & { readonly onText?: (piece: string) => void },
  ): Promise<GeneratedText>;
  /**
   * Begin a conversation: questions that are answered one after the other, each with what was said before in front of it.
   *
   * @throws ForgeError AF_GENERATE_OPTIONS, AF_PLUGIN_UNKNOWN as {@link generate}; AF_CHAT_TEMPLATE when the chat template
   * beside the model cannot be read
   */
  chat(options?: ChatOptions): Promise<Conversation>;
  /** Let go of weights and engine, after the tokens at hand. Harmless when repeated. */
  dispose(): Promise<void>;
}
