import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../../core/contracts/options.js';
import { FAMILIES, STRATEGIES, type Family, type Strategy } from './problem.js';

const Family = Type.Union(FAMILIES.map((name) => Type.Literal(name)));
const Strategy = Type.Union(STRATEGIES.map((name) => Type.Literal(name)));
const share = (value: number) => withDefault(Type.Number({ minimum: 0 }), value);

/** The parts of the set, by what a model that learns on `known` has seen of them. */
export const PARTS = ['known', 'new-range', 'new-family'] as const;
export type Part = (typeof PARTS)[number];

const Parts = Type.Object(
  { known: share(0.9), 'new-range': share(0.05), 'new-family': share(0.05) },
  { additionalProperties: false, description: 'Relative size of each part.' },
);

const Beyond = Type.Object(
  {
    largest: withDefault(Type.Integer({ minimum: 1, maximum: 1000 }), 10),
    steps: withDefault(Type.Integer({ minimum: 1, maximum: 6 }), 2),
  },
  {
    additionalProperties: false,
    description: 'How much larger numbers and counts of steps are in new-range.',
  },
);

export const reasoningOptions = {
  families: withDefault(Type.Array(Family, { minItems: 1, uniqueItems: true }), [...FAMILIES]),
  newFamilies: withDefault(
    Type.Array(Family, { uniqueItems: true, description: 'Families that are in new-family only.' }),
    ['code'] as Family[],
  ),
  strategies: withDefault(Type.Array(Strategy, { minItems: 1, uniqueItems: true }), [...STRATEGIES]),
  parts: withDefault(Parts, { known: 0.9, 'new-range': 0.05, 'new-family': 0.05 }),
  largest: withDefault(
    Type.Integer({ minimum: 4, maximum: 1000, description: 'Largest number that is drawn.' }),
    9,
  ),
  steps: withDefault(Type.Integer({ minimum: 2, maximum: 8, description: 'Most steps.' }), 4),
  beyond: withDefault(Beyond, { largest: 10, steps: 2 }),
  modulus: withDefault(Type.Integer({ minimum: 2, maximum: 20, description: 'Of modular arithmetic.' }), 10),
};

/** What a record is drawn from. */
export interface ReasoningOptions {
  readonly families: readonly Family[];
  readonly newFamilies: readonly Family[];
  readonly strategies: readonly Strategy[];
  readonly parts: Static<typeof Parts>;
  readonly largest: number;
  readonly steps: number;
  readonly beyond: Static<typeof Beyond>;
  readonly modulus: number;
}
