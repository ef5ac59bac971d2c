import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { gradeNumber } from '../shared/grading.js';
import { questionRecord, reasonedAnswer } from '../shared/question.js';
import type { Draw } from '../../../nn/random/index.js';
import { defineGenerated } from './generated.js';
import { PROBLEM_KINDS } from './problems.js';

const Kind = Type.Union([
  Type.Literal('change'),
  Type.Literal('groups'),
  Type.Literal('compare'),
  Type.Literal('money'),
  Type.Literal('share'),
  Type.Literal('days'),
]);
type Kind = Static<typeof Kind>;
const ALL_KINDS: Kind[] = ['change', 'groups', 'compare', 'money', 'share', 'days'];

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
    events: withDefault(
      Type.Integer({ minimum: 1, maximum: 8, description: 'Most gains and losses of a change.' }),
      3,
    ),
    kinds: withDefault(Type.Array(Kind, { minItems: 1, uniqueItems: true }), ALL_KINDS),
  },
  make: (draw: Draw, { kinds, ...size }) => {
    const kind = draw.pick(kinds);
    const { question, steps, answer } = PROBLEM_KINDS[kind](draw, size);
    return questionRecord(question, reasonedAnswer(steps.join('\n'), answer), {
      kind,
      answer: String(answer),
    });
  },
  grade: gradeNumber,
});
