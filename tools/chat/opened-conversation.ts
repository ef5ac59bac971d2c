import { ForgeError } from '../../core/errors/index.js';
import type { TextPiece } from '../../nn/generation/index.js';
import type { GeneratedText, TextCall } from '../generate/model.js';
import { personasOf } from '../generate/personas.js';
import type {
  Answer,
  AskOptions,
  ChatOptions,
  ChatPiece,
  ChatSettings,
  Conversation,
} from './conversation.js';
import { fit, roomFor, type Fitted } from './fit.js';
import type { TalkingModel } from './open-conversation.js';
import { toolsOf, type Manner } from './settings.js';
import { StopText } from './stop-text.js';

/** {@link Conversation} over a model in memory. */
export class OpenedConversation implements Conversation {
  readonly model: string;
  readonly known;
  private said: Answer[] = [];
  private isAnswering = false;

  constructor(
    private readonly partner: TalkingModel,
    private readonly mannerOf: (asked: ChatOptions) => Promise<Manner>,
    private asked: ChatOptions,
    private manner: Manner,
  ) {
    this.model = partner.source.id ?? partner.source.name;
    this.known = { personas: personasOf(partner.source), tools: toolsOf(partner.source) };
  }

  get settings(): ChatSettings {
    return this.manner.settings;
  }

  get turns(): readonly Answer[] {
    return this.said;
  }

  async change(options: ChatOptions): Promise<void> {
    const asked = { ...this.asked, ...options };
    this.manner = await this.mannerOf(asked);
    this.asked = asked;
  }

  reset(): void {
    this.said = [];
  }

  async *ask(question: string, { signal }: AskOptions = {}): AsyncGenerator<ChatPiece, Answer> {
    if (this.isAnswering)
      throw refused('Another question is being answered.', 'Wait for its answer, or end it.');
    const fitted = this.fit(question);
    this.isAnswering = true;
    const turn = new Turn(question, fitted.dropped, this.manner.spelling.stops);
    try {
      return yield* this.speak(turn, fitted, signal);
    } finally {
      this.isAnswering = false;
      // Also where the listener left: what was heard was said.
      if (turn.answer !== null) this.said.push(turn.answer);
    }
  }

  async answer(question: string, options?: AskOptions): Promise<Answer> {
    const pieces = this.ask(question, options);
    for (;;) {
      const next = await pieces.next();
      if (next.done === true) return next.value;
    }
  }

  private async *speak(
    turn: Turn,
    { prompt }: Fitted,
    signal?: AbortSignal,
  ): AsyncGenerator<ChatPiece, Answer> {
    const over = new AbortController();
    const either = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
    const onCalled = (call: TextCall): void => turn.make(call);
    const pieces = this.partner.pieces(prompt, { ...this.manner.writing, signal: either, onCalled });
    let failed = false;
    try {
      for (;;) {
        failed = true;
        const next = await pieces.next();
        failed = false;
        yield* turn.calls();
        if (next.done === true) {
          const rest = [...turn.rest()];
          turn.close(next.value);
          yield* rest;
          return turn.answer!;
        }
        yield* turn.hear(next.value);
        if (turn.isOver) over.abort();
      }
    } finally {
      if (turn.answer === null && !failed) {
        over.abort();
        const last = await pieces.next();
        if (last.done === true) turn.close(last.value);
      }
    }
  }

  /** @throws ForgeError AF_CHAT_QUESTION, AF_CHAT_TEMPLATE */
  private fit(question: unknown): Fitted {
    if (typeof question !== 'string' || question.trim() === '')
      throw refused('The question is empty.', 'Ask something.');
    const { spelling, front, settings } = this.manner;
    const heard = this.said.filter(({ text }) => text !== '');
    const earlier = settings.turns === null ? heard : heard.slice(heard.length - settings.turns);
    const turns = earlier.map((turn) => ({ question: turn.question, answer: turn.text }));
    const { contextLength } = this.partner;
    return fit(
      spelling,
      { front, turns, question },
      contextLength - roomFor(settings.maxTokens, contextLength),
    );
  }
}

function refused(what: string, fix: string): ForgeError {
  return new ForgeError('AF_CHAT_QUESTION', what, { fix });
}

/** An answer that is being given. */
class Turn {
  answer: Answer | null = null;
  private text = '';
  private readonly made: TextCall[] = [];
  private readonly stop: StopText;

  constructor(
    private readonly question: string,
    private readonly dropped: number,
    stops: readonly string[],
  ) {
    this.stop = new StopText(stops);
  }

  get isOver(): boolean {
    return this.stop.isOver;
  }

  make(call: TextCall): void {
    this.made.push(call);
  }

  /** Calls that were made since, behind the text before them. */
  *calls(): Generator<ChatPiece> {
    if (this.made.length > 0) yield* this.rest();
    for (const call of this.made.splice(0)) yield { kind: 'call', call };
  }

  *hear({ kind, text }: TextPiece): Generator<ChatPiece> {
    if (kind === 'text') yield* this.say(this.stop.add(text));
    if (kind !== 'thought') return;
    yield* this.rest();
    yield { kind, text };
  }

  /** Text that was held back. */
  *rest(): Generator<ChatPiece> {
    yield* this.say(this.stop.rest());
  }

  /** @param written what the model has to say of it */
  close(written: GeneratedText): void {
    const { question, dropped, text, isOver } = this;
    const stopped = isOver ? 'end' : written.stopped;
    this.answer = { ...written, question, text, dropped, stopped };
  }

  private *say(text: string): Generator<ChatPiece> {
    if (text === '') return;
    this.text += text;
    yield { kind: 'text', text };
  }
}
