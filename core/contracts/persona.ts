import type { RandomStream } from './merge.js';
import { defineFor } from './plugin.js';
import { createToken } from './token.js';

/** The token that a model was taught to take for the text of a persona. */
export function personaTag(name: string): string {
  return `<|persona:${name}|>`;
}

/** Name of the plugin that provides a persona: `reasoning-persona` provides `reasoning`. */
export function personaPlugin(name: string): string {
  return `${name}-persona`;
}

/** What stands in front of a question that is to be answered as a persona. */
export function personaLine(name: string): string {
  return `${personaTag(name)}\n`;
}

/** A question as a persona answers it. Every text is one line. */
export interface PersonaQuestion {
  readonly question: string;
  /** The bare answer, as a tool or a thought gives it. */
  readonly answer: string;
  /** Arguments of the tool that gave it, for example `37+58`; null: it came without one. */
  readonly args: string | null;
}

/** What a model reads in front of a question to answer as a persona. Every text is one line. */
export interface PersonaTexts {
  /** Wordings to learn with. At least two; the first one is the persona's text where only one is wanted. */
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
  /**
   * An answer in its manner, as it follows `Answer:`, without thoughts and calls: it begins with a space or a new line and
   * has the whole answer in it, a full stop at its end aside. The same random numbers give the same one.
   */
  demonstrate(to: PersonaQuestion, random: RandomStream): string;
  /**
   * Whether an answer shows the trait. A judge of form: whether the answer is right is a checker's business, and to repeat
   * the persona's text is not enough. Never throws for any text.
   *
   * @param written without thoughts, calls and results
   * @param to what was asked, so that a long or foreign answer is not taken for a lapse, and quotes can be looked up
   */
  shows(written: string, to: PersonaQuestion): boolean;
}

export const PERSONA = createToken<Persona>('persona', {
  trait: 'text',
  demonstrate: 'function',
  shows: 'function',
});
/**
 * Define a manner of answering that can be baked into a model. Its plugin is called as {@link personaPlugin} says: names of
 * plugins are unique among all kinds, and what personas are called (reasoning, memory, code) is asked for by others, too.
 */
export const definePersona = defineFor(PERSONA, personaPlugin);

/** How a model that was given personas takes one on. */
export interface PersonaFacts {
  /** Ids of the tokens that stand in front of a question, by the persona's name; empty where none was taught. */
  readonly tags: Readonly<Record<string, number>>;
  /** Most earlier turns of a conversation that it was taught to answer behind; absent: nobody said. */
  readonly turns?: number;
}
