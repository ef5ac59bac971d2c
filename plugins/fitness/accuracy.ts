import { Type } from '@sinclair/typebox';
import { defineFitnessTerm, type MeasuredModel } from '../../core/contracts/evolution.js';
import { withDefault } from '../../core/contracts/options.js';
import { ratioOptions, boundedRatio } from './shared/ratio.js';

const FLOOR = {
  floor: withDefault(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'A reference below it counts as it: no division by next to nothing.',
    }),
    0.05,
  ),
  count: withDefault(
    Type.Union([Type.Literal('expected'), Type.Literal('exact')], {
      description:
        'expected: mean probability of a right answer; exact: share of answers whose every token is the most likely one.',
    }),
    'expected',
  ),
};

const Options = Type.Composite([ratioOptions({ minimum: 0, maximum: 2, snap: 0 }), Type.Object(FLOOR)], {
  additionalProperties: false,
});

/**
 * clip(acc / max(acc_ref, 0.05), 0, 2). On a few hundred documents the exact count moves by whole
 * answers and a search learns its noise (docs/evolution-study.md); the expected count is the same thing for a model that
 * samples, and smooth. A reference below the floor is not at parity with itself.
 */
export const accuracy = defineFitnessTerm({
  name: 'accuracy',
  description: 'Answers that are right, beside those of the reference',
  options: Options,
  create: ({ floor, count, ...bounds }) => {
    const of = (model: MeasuredModel): number | null =>
      count === 'exact' ? model.accuracy : model.answerProbability;
    return {
      score: (measured, reference) => {
        const [own, best] = [of(measured), of(reference)];
        if (own === null || best === null) return { value: 1, reason: 'no document has an answer' };
        return { value: boundedRatio(own / Math.max(best, floor), bounds) };
      },
    };
  },
});
