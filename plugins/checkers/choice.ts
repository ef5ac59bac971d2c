import { defineChecker } from '../../core/contracts/task.js';
import { finalAnswer, normalised } from './shared/final.js';

/** The same one of several choices: its word (`yes`), or its letter where choices have letters (`B`, `(B)`, `B. a river`). */
export const choice = defineChecker({
  name: 'choice',
  description: 'The same one of several choices, by its word or letter',
  create: () => ({ check: (written, { answer }) => chosen(finalAnswer(written).text) === chosen(answer) }),
});

function chosen(text: string): string {
  const letter = /^\(?([A-Za-z])(?:[).:]|$)/.exec(text)?.[1];
  return normalised(letter ?? text);
}
