import { Type } from '@sinclair/typebox';
import { defineFitnessTerm } from '../../contracts/evolution.js';
import { withDefault } from '../../contracts/options.js';
import { ratioOptions } from './shared/options.js';
import { boundedRatio } from './shared/ratio.js';

const FLOOR = {
  floor: withDefault(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'A reference below it counts as it: no division by next to nothing.',
    }),
    0.05,
  ),
};

const Options = Type.Composite([ratioOptions({ minimum: 0, maximum: 2, snap: 0 }), Type.Object(FLOOR)], {
  additionalProperties: false,
});

/** clip(acc / max(acc_ref, 0.05), 0, 2) (spec/phase1-2.md 3.5). A reference below the floor is not at parity with itself. */
export const accuracy = defineFitnessTerm({
  name: 'accuracy',
  description: 'Share of final answers that are right, over that of the reference',
  options: Options,
  create: ({ floor, ...bounds }) => ({
    score: (measured, reference) => {
      if (measured.accuracy === null || reference.accuracy === null) {
        return { value: 1, reason: 'no document has a final answer' };
      }
      return { value: boundedRatio(measured.accuracy / Math.max(reference.accuracy, floor), bounds) };
    },
  }),
});
