import type { PersonaTexts } from '../../../core/contracts/persona.js';

/** Sentences that ask for a manner. */
const FRAMES: readonly ((manner: string) => string)[] = [
  (manner) => `Answer ${manner}.`,
  (manner) => `Please answer ${manner}.`,
  (manner) => `Always answer ${manner}.`,
  (manner) => `Give your answer ${manner}.`,
  (manner) => `Write the answer ${manner}.`,
  (manner) => `I want answers ${manner}.`,
  (manner) => `From now on, answer ${manner}.`,
  (manner) => `Here you answer ${manner}.`,
];

interface Wordings {
  /** Sentences of its own; the first one is the persona's text where only one is wanted. */
  readonly own: readonly string[];
  /** Names of the manner, "in numbered steps", that stand in many sentences. */
  readonly manners: readonly string[];
  readonly heldOut: readonly string[];
}

/**
 * Texts of a persona. A model that has learnt a few wordings by heart does not know the next one (docs/curriculum.md): so
 * every name of the manner stands in eight sentences.
 */
export function textsOf({ own, manners, heldOut }: Wordings): PersonaTexts {
  const framed = manners.flatMap((manner) => FRAMES.map((frame) => frame(manner)));
  return { wordings: [...new Set([...own, ...framed])], heldOut };
}
