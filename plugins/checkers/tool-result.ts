import { defineChecker } from '../../core/contracts/task.js';
import { finalAnswer, normalised } from './shared/final.js';
import { numberOf, sameNumber } from './shared/numbers.js';

/** What the task's tool said: the same number where that is a number, else the same text. Without a tool nothing is right. */
export const toolResult = defineChecker({
  name: 'tool-result',
  description: "What the task's tool says",
  create: () => ({
    check: (written, { tool }) => {
      if (tool === null) return false;
      const { text } = finalAnswer(written);
      const [found, expected] = [numberOf(text), numberOf(tool.result)];
      if (found !== null && expected !== null) return sameNumber(found, expected);
      return normalised(text) === normalised(tool.result);
    },
  }),
});
