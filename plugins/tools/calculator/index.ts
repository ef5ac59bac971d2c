import { defineTool, toolNameTag } from '../../../core/contracts/tool.js';
import { manualsOf } from '../../../nn/curriculum/index.js';
import { Draw } from '../../../nn/random/index.js';
import { outcomeOf, Steps } from '../shared/outcome.js';
import { drawOn, worded } from '../shared/questions.js';
import { valueOf } from './expression.js';
import { drawExpression, drawnAsWords, WORDINGS } from './questions.js';
import { decimalOf } from './rational.js';

const TAG = toolNameTag('calculator');

/** Works out an expression with exact fractions and rounds the result to six decimals, halves away from zero. */
export const calculator = defineTool({
  name: 'calculator',
  description: 'Arithmetic with + - * / and parentheses, exact, to six decimals',
  create: () => ({
    manual: {
      wordings: [
        `${TAG} works out sums. Give it the numbers and signs.`,
        `For arithmetic call ${TAG} with the expression.`,
        `Tool ${TAG}: give it an expression, get its value.`,
        `Ask ${TAG} when numbers must be computed.`,
        `Use ${TAG} to compute, like 3+4 or 5*6.`,
        `Sums are for ${TAG}: give it the expression.`,
        `${TAG} computes what you give it.`,
        `Numbers? Call ${TAG} with the expression.`,
        `Let ${TAG} work out expressions.`,
        `You have ${TAG}, which knows the value of expressions.`,
        ...manualsOf(TAG, ['sums', 'arithmetic', 'values of expressions']),
      ],
      heldOut: [
        `Any calculation is done by ${TAG}; hand over the expression.`,
        `${TAG} takes an expression and says what it gives.`,
        `You can compute with ${TAG}.`,
      ],
      short: `${TAG}: arithmetic`,
    },
    run: (args, limits) => outcomeOf(args, limits, () => decimalOf(valueOf(args, new Steps(limits)))),
    ask: (random, difficulty, side) => {
      const draw = new Draw(random);
      const expression = drawOn(side, () => {
        const drawn = drawExpression(draw, difficulty);
        return isDefined(drawn) ? drawn : drawExpression(draw, 1);
      });
      return worded(draw, WORDINGS, side, drawnAsWords(draw, expression), expression);
    },
  }),
});

/** Whether nothing is divided by zero on its way. */
function isDefined(expression: string): boolean {
  return outcomeOf(expression, { characters: 1 }, () => {
    valueOf(expression, new Steps({ steps: 100 }));
    return '';
  }).ok;
}
