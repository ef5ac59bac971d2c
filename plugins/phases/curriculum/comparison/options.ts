import { Type, type Static } from '@sinclair/typebox';
import { pluginSlot, withDefault } from '../../../../core/contracts/options.js';
import { closed, type OptimizerOptions } from '../../shared/options.js';

const count = (description: string) => Type.Integer({ minimum: 1, description });

/** An optimizer that others are compared with. */
const ArmOptions = Type.Object(
  {
    use: withDefault(
      Type.Union([Type.String(), Type.Null()], {
        description: 'Name of an optimizer plugin; null: that of main training, with its options.',
      }),
      null,
    ),
    options: withDefault(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "Laid over the options of main training's optimizer, or of the plugin that is named.",
      }),
      {},
    ),
  },
  { ...closed, ...pluginSlot('use', ['options']) },
);

export const ComparisonOptions = Type.Object(
  {
    arms: withDefault(
      Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_-]*$' }), ArmOptions, {
        ...closed,
        minProperties: 2,
        description: 'Optimizers by a name of their own, each trained from the latents that came in.',
      }),
      {
        'filter-on': { use: null, options: { lambda: 2 } },
        'filter-off': { use: null, options: { lambda: 0 } },
        adamw: { use: 'adamw', options: {} },
      },
    ),
    baseline: withDefault(
      Type.String({ description: 'The arm whose best held-out loss the others have to reach.' }),
      'filter-off',
    ),
    subject: withDefault(
      Type.String({ description: 'The arm whose saved time is judged, and told beside the baseline.' }),
      'filter-on',
    ),
    steps: withDefault(count('Updates of every arm, a multiple of evaluateEvery.'), 400),
    evaluateEvery: withDefault(count('Updates between two evaluations; arms take turns of as many.'), 20),
    tasks: withDefault(count('Held-out tasks whose answers are predicted, beside held-out text.'), 128),
  },
  closed,
);
export type ComparisonOptions = Static<typeof ComparisonOptions>;

/** The optimizer of an arm. @param own that of main training */
export function optimizerOf(
  { use, options }: Static<typeof ArmOptions>,
  own: OptimizerOptions,
): OptimizerOptions {
  return use === null ? { use: own.use, options: { ...own.options, ...options } } : { use, options };
}
