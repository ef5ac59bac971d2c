import type { PersonaQuestion } from '../../../core/contracts/persona.js';

/** Longer arguments are not said again in passing: a row has little room, and they must be copied without a slip. */
const SHORT_CHARACTERS = 12;

/** The answer within a sentence: a full stop at its end is the sentence's. */
export function inSentence({ answer }: Pick<PersonaQuestion, 'answer'>): string {
  return answer.replace(/\.$/, '');
}

/** Arguments of few characters; null: there are none, or longer ones. */
export function shortArgs({ args }: Pick<PersonaQuestion, 'args'>, most = SHORT_CHARACTERS): string | null {
  return args !== null && args.length <= most ? args : null;
}

/** Whether it is one number. */
export function isNumber(text: string): boolean {
  return /^[-−]?\d[\d,]*(?:\.\d+)?$/.test(text);
}
