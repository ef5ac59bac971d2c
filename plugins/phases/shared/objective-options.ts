import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { NEXT_TOKEN } from '../../../nn/objectives/defaults.js';
import { closed } from './options.js';

const HALTING = NEXT_TOKEN.halting;

const weight = (description: string) => Type.Number({ minimum: 0, description });

const HaltingOptions = Type.Object(
  {
    learns: withDefault(
      Type.Union([Type.Literal('correctness'), Type.Literal('ponder')], {
        description: 'correctness: predict whether the step is right; ponder: PonderNet mixture.',
      }),
      HALTING.learns,
    ),
    weight: withDefault(weight('Weight of the halting loss; 0 while it warms up.'), HALTING.weight),
    threshold: withDefault(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        description: 'Cumulative halting mass at which inference stops.',
      }),
      HALTING.threshold,
    ),
    entropyWeight: withDefault(
      weight('Reward for the entropy of the halting probability.'),
      HALTING.entropyWeight,
    ),
    varianceWeight: withDefault(
      weight('Weight of the hinge max(0, 0.1 - token variance of q).'),
      HALTING.varianceWeight,
    ),
    ponderCost: withDefault(weight('Loss per expected recursion step.'), HALTING.ponderCost),
    ponderPrior: withDefault(
      Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        description: 'Rate of the geometric prior (ponder).',
      }),
      HALTING.ponderPrior,
    ),
    ponderKlWeight: withDefault(
      weight('Weight of the divergence from the prior (ponder).'),
      HALTING.ponderKlWeight,
    ),
  },
  closed,
);

/** The next-token objective as a phase's options: deep supervision, halting, and statistics of the pass. */
export const ObjectiveOptions = Type.Object(
  {
    stepWeights: withDefault(
      Type.Union([Type.Array(Type.Number({ minimum: 0 }), { minItems: 1 }), Type.Null()], {
        description: 'Weight of each recursion step in the loss, normalised; null: 0.5 rising to 1.',
      }),
      null,
    ),
    statisticWeights: withDefault(
      Type.Record(Type.String(), Type.Number(), {
        description:
          'What a statistic of the forward pass adds to the loss, by name, where the model reports it; negative rewards.',
      }),
      NEXT_TOKEN.statisticWeights,
    ),
    halting: withDefault(HaltingOptions, {} as Static<typeof HaltingOptions>),
  },
  closed,
);
export type ObjectiveOptions = Static<typeof ObjectiveOptions>;
