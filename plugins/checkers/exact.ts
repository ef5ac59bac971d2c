import { defineChecker } from '../../core/contracts/task.js';
import { finalAnswer, normalised } from './shared/final.js';

/** The answer, word for word; letter case, white space and a full stop at the end do not count. */
export const exact = defineChecker({
  name: 'exact',
  description: 'The same text, letter case and white space aside',
  create: () => ({
    check: (written, { answer }) => normalised(finalAnswer(written).text) === normalised(answer),
  }),
});
