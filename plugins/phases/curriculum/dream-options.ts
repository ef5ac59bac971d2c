import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { closed } from '../shared/options.js';

const ARMS = ['none', 'usual', 'real', 'dream', 'both'] as const;

/** What a model learns of earlier levels when one is over. */
export type DreamArm = (typeof ARMS)[number];

export const DreamOptions = Type.Object(
  {
    arm: withDefault(
      Type.Union(
        ARMS.map((arm) => Type.Literal(arm)),
        {
          description:
            'What is learnt when a level is over, with the predictions of the model before that level as targets: none: nothing; real: reference answers to tasks of earlier levels; dream: right answers of its own to them; both: half of each. usual: the documents of the last epoch again, as they were learnt: as many updates without a dream, to compare with.',
        },
      ),
      'none',
    ),
    items: withDefault(
      Type.Integer({
        minimum: 2,
        description: 'Tasks of earlier levels that are answered, from references or anew.',
      }),
      128,
    ),
    temperature: withDefault(
      Type.Number({ minimum: 0, description: 'At which the model answers them itself.' }),
      1,
    ),
    steps: withDefault(
      Type.Integer({
        minimum: 1,
        description: 'Updates after each level, the same in every arm but none: arms are compared by them.',
      }),
      8,
    ),
    rate: withDefault(
      Type.Number({ minimum: 0, maximum: 1, description: 'Learning rate, in rates of main training.' }),
      0.3,
    ),
  },
  closed,
);
export type DreamOptions = Static<typeof DreamOptions>;

/** Whether a teacher is learnt from, the model as it stood before the level. */
export function hasTeacher({ arm }: Pick<DreamOptions, 'arm'>): boolean {
  return arm !== 'none' && arm !== 'usual';
}
