import { defineChecker } from '../../core/contracts/task.js';
import { finalAnswer } from './shared/final.js';
import { numbersIn, sameNumber } from './shared/numbers.js';

/**
 * The same number, however it is written. Behind the answer mark there must be one number alone (words may stand around it);
 * without the mark the last number of the line counts.
 */
export const number = defineChecker({
  name: 'number',
  description: 'The same number, however it is written',
  create: () => ({
    check: (written, { answer }) => {
      const expected = numbersIn(answer).at(-1);
      const { text, marked } = finalAnswer(written);
      const found = numbersIn(text);
      if (expected === undefined || found.length === 0 || (marked && found.length > 1)) return false;
      return sameNumber(found.at(-1)!, expected);
    },
  }),
});
