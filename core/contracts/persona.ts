import type { RandomStream } from './merge.js';
import { defineFor } from './plugin.js';
import { createToken } from './token.js';

/** The token that a model was taught to take for the text of a persona. */
export function personaTag(name: string): string {
  return `<|persona:${name}|>`;
}

/** A question as a persona answers it. */
export interface PersonaQuestion {
  readonly question: string;
  /** The bare answer, as a tool or a thought gives it. */
  readonly answer: string;
  /** Arguments of the tool that gave it, for example `37+58`; null: it came without one. */
  readonly args: string | null;
}

/** What a model reads in front of a question to answer as a persona. Every text is one line. */
export interface PersonaTexts {
  /** Wordings to learn with. At least two. */
  readonly wordings: readonly string[];
  /** Wordings that are only measured with. At least one. */
  readonly heldOut: readonly string[];
}

/**
 * A manner of answering: texts that ask for it, examples of it, and a judge of it. The judge looks at what was written alone,
 * never at which persona was asked for, so that it can also say that a model shows a trait nobody asked for.
 */
export interface Persona {
  /** What its answers have and others have not, in a few words, for reports. */
  readonly trait: string;
  readonly texts: PersonaTexts;
  /** An answer in its manner, as it follows `Answer:`, without thoughts and calls. The same random numbers give the same one. */
  demonstrate(to: PersonaQuestion, random: RandomStream): string;
  /** Whether an answer shows the trait. Never throws for any text. @param written without thoughts, calls and results */
  shows(written: string, to: PersonaQuestion): boolean;
}

export const PERSONA = createToken<Persona>('persona', { demonstrate: 'function', shows: 'function' });
/** Define a manner of answering that can be baked into a model. */
export const definePersona = defineFor(PERSONA);

/** How a model that was given personas takes one on. */
export interface PersonaFacts {
  /** Ids of the tokens that stand in front of a question, by the persona's name; empty where none was taught. */
  readonly tags: Readonly<Record<string, number>>;
}
