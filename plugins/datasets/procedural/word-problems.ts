import { Type } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { gradeNumber } from '../shared/grading.js';
import { questionRecord, reasonedAnswer } from '../shared/question.js';
import type { Draw } from './draw.js';
import { defineGenerated } from './generated.js';
import { PROBLEM_KINDS } from './problems.js';

/** Everyday problems with numbers, solved sentence by sentence as in GSM8K. */
export const wordProblems = defineGenerated({
  name: 'word-problems',
  description: 'Generated word problems with two to four reasoning steps',
  category: 'math',
  count: 4000,
  options: {
    largest: withDefault(
      Type.Integer({ minimum: 5, maximum: 1000, description: 'Largest starting number.' }),
      40,
    ),
  },
  make: (draw: Draw, { largest }) => {
    const [kind, build] = draw.pick(PROBLEM_KINDS);
    const { question, steps, answer } = build(draw, largest);
    return questionRecord(question, reasonedAnswer(steps.join('\n'), answer), {
      kind,
      answer: String(answer),
    });
  },
  grade: gradeNumber,
});
