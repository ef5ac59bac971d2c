import type { SpeltPrompt } from '../../../nn/generation/index.js';
import type { SpellingKind } from '../conversation.js';

/** A question with its answer as it was shown. */
export interface Exchange {
  readonly question: string;
  readonly answer: string;
}

/** What stands in front of all turns. */
export interface Front {
  /** Line with the token of a persona; empty for none. */
  readonly persona: string;
  readonly system: string | null;
  /** Lines with manuals; tags in them are tokens. */
  readonly manuals: readonly string[];
}

/** Whether nothing stands in front. */
export function isBare({ persona, system, manuals }: Front): boolean {
  return persona === '' && system === null && manuals.length === 0;
}

/** How what was said becomes ids. */
export interface Spelling {
  readonly kind: SpellingKind;
  /** Texts that a model which goes on after its answer would write next: the answer is over there. */
  readonly stops: readonly string[];
  /** All that is read before the answer to a question. @throws ForgeError AF_CHAT_TEMPLATE */
  spell(front: Front, turns: readonly Exchange[], question: string): SpeltPrompt;
}
