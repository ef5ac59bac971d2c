import type { TextOptions } from '../../nn/generation/index.js';
import type { GeneratedText, GenerateOptions, TextCall } from '../generate/model.js';

/**
 * How a conversation is spelt. `question`: as the models of this project learnt to be asked. `plain`: what is typed stands
 * as it is. `template`: by the chat template that lies beside a model of another program.
 */
export type SpellingKind = 'question' | 'plain' | 'template';

/** How to converse; what is left out is as the command line has it. */
export interface ChatOptions extends Partial<TextOptions> {
  /** A persona that the model was given; its token stands in front of all turns. */
  readonly persona?: string | null;
  /** A text in front of all turns, which no turn is dropped for. Where questions are spelt by lines it is one line. */
  readonly system?: string | null;
  /**
   * As for `generate`. Default: a model that was taught it calls tools, with the manuals of those that it does not call without
   * one in front, where they take no more than half of the context.
   */
  readonly tools?: GenerateOptions['tools'];
  /**
   * Whether it thinks. Default: where it was taught to. Where nothing stands in front and it calls no tools it thinks before
   * every answer, otherwise where it would rather do that than write or call, as it was taught.
   */
  readonly thoughts?: boolean;
  /**
   * Most earlier turns that it reads; null: as many as fit, 0: each question stands alone. Default: as many as the model was
   * taught with, where its record says so, else as many as fit; 0 for one that learnt single questions and no conversations, as
   * those do that were given no personas.
   */
  readonly turns?: number | null;
  /** Default `auto`: by the chat template where one lies beside the model, else `question`. */
  readonly template?: 'auto' | 'question' | 'plain';
}

/** What holds for the next question, with every default filled in. */
export interface ChatSettings extends TextOptions {
  readonly spelling: SpellingKind;
  readonly persona: string | null;
  readonly system: string | null;
  /** Whether it may call tools. */
  readonly tools: boolean;
  /** The tools whose manuals stand in front. */
  readonly manuals: readonly string[];
  readonly thoughts: boolean;
  readonly turns: number | null;
}

/** What a model and its tools say on the way to an answer, in order. A call comes as a whole, with its result. */
export type ChatPiece =
  | { readonly kind: 'text' | 'thought'; readonly text: string }
  | { readonly kind: 'call'; readonly call: TextCall };

export interface AskOptions {
  /** Aborting it ends the answer after the token at hand; that is no error, and the conversation can go on. */
  readonly signal?: AbortSignal;
}

/** An answer, and what it took. Its text has neither thoughts nor calls in it. */
export interface Answer extends GeneratedText {
  readonly question: string;
  /** Earlier turns that the model did not read because they did not fit. */
  readonly dropped: number;
}

/** Questions to one model, each answered with the earlier ones in front of it. */
export interface Conversation {
  /** Id of the model, or its name where it has none. */
  readonly model: string;
  readonly settings: ChatSettings;
  /** What it may be asked to be and to use. */
  readonly known: { readonly personas: readonly string[]; readonly tools: readonly string[] };
  /** What was asked and answered since the beginning or the last `reset`, dropped turns and broken-off answers too. */
  readonly turns: readonly Answer[];
  /**
   * Ask, and hear the answer piece by piece. Whoever stops listening ends the answer; what was said until then counts.
   *
   * @returns text, calls and costs are the generator's return value
   * @throws ForgeError AF_CHAT_QUESTION when the question is empty or too long, or another is being answered: nothing has
   * changed then, and others can be asked; AF_CHAT_TEMPLATE, AF_MODEL_DISPOSED
   */
  ask(question: string, options?: AskOptions): AsyncGenerator<ChatPiece, Answer>;
  /** The whole answer at once. */
  answer(question: string, options?: AskOptions): Promise<Answer>;
  /**
   * Change settings from the next question on; what is left out stays, what is `undefined` becomes the default again.
   * @throws ForgeError as `Model.chat`, with nothing changed
   */
  change(options: ChatOptions): Promise<void>;
  /** Forget all turns; settings stay. */
  reset(): void;
}
