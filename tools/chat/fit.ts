import { ForgeError } from '../../core/errors/index.js';
import type { SpeltPrompt } from '../../nn/generation/index.js';
import { isBare, type Exchange, type Front, type Spelling } from './spelling/spelling.js';

/** What is to be read before an answer. */
export interface Reading {
  readonly front: Front;
  /** Earlier turns that may stand in front, the oldest first. */
  readonly turns: readonly Exchange[];
  readonly question: string;
}

/** A prompt that leaves room for the answer, and how many of the oldest turns it is without. */
export interface Fitted {
  readonly prompt: SpeltPrompt;
  readonly dropped: number;
}

/** Tokens that are kept free for an answer: what it may have, and at most a quarter of the context. */
export function roomFor(maxTokens: number, contextLength: number): number {
  return Math.min(maxTokens, Math.max(1, Math.floor(contextLength / 4)));
}

/**
 * The question with as many whole turns in front as fit.
 * @param most tokens of a prompt
 * @throws ForgeError AF_CHAT_QUESTION when the question does not fit alone, AF_CHAT_TEMPLATE
 */
export function fit(spelling: Spelling, { front, turns, question }: Reading, most: number): Fitted {
  let prompt = spelling.spell(front, [], question);
  if (prompt.ids.length > most) throw tooLong(spelling, front, prompt.ids.length, most);
  let dropped = turns.length;
  while (dropped > 0) {
    const longer = spelling.spell(front, turns.slice(dropped - 1), question);
    if (longer.ids.length > most) break;
    prompt = longer;
    dropped--;
  }
  return { prompt, dropped };
}

function tooLong(spelling: Spelling, front: Front, tokens: number, most: number): ForgeError {
  const bare = isBare(front);
  const inFront = bare ? '' : ', with what stands in front of it';
  return new ForgeError(
    'AF_CHAT_QUESTION',
    `The question is too long: it takes ${tokens} tokens${inFront}, and ${most} leave room for an answer.`,
    {
      fix: bare
        ? 'Ask a shorter question.'
        : 'Ask a shorter question, or put less in front: a shorter system text (`--system`, `/system`), fewer manuals (`--tools`, `/tools`).',
      facts: { tokens, most, spelling: spelling.kind },
    },
  );
}
