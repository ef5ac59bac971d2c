import { Type, type Static } from '@sinclair/typebox';
import { pluginSlot, withDefault } from '../../../core/contracts/options.js';
import { AnswerOptions, closed, gateProperties, SampleOptions, ScoringOptions } from '../shared/options.js';

const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const weights = (description: string) =>
  Type.Record(Type.String(), Type.Number({ minimum: 0 }), { description });
const pair = () =>
  Type.Tuple([Type.String(), Type.String()], { description: 'Names of two merges, for bit 0 and bit 1.' });

const StageOptions = Type.Object(
  {
    /** Of the originals. */
    interpolation: withDefault(pair(), ['linear', 'slerp']),
    /** Bit 0: of the interpolated model, the ancestor as base. Bit 1: of the originals, the interpolated model as base. */
    task: withDefault(pair(), ['dare', 'ties']),
    /** Of the model so far and the originals. */
    selection: withDefault(pair(), ['franken', 'dfs']),
  },
  closed,
);

const EliteOptions = Type.Object(
  {
    count: withDefault(Type.Integer({ minimum: 1, description: 'Individuals that have children.' }), 2),
    children: withDefault(
      Type.Integer({ minimum: 1, description: 'Children of each; the first is an exact copy.' }),
      3,
    ),
  },
  closed,
);

const TournamentOptions = Type.Object(
  {
    size: withDefault(Type.Integer({ minimum: 1 }), 3),
    crossover: withDefault(share('Chance of a child to be a combination of three winners.'), 0.7),
    mutation: withDefault(share('Chance of a child to be a mutated winner; otherwise it is a copy.'), 0.1),
    elite: withDefault(
      Type.Integer({ minimum: 0, description: 'Best individuals that are kept as they are.' }),
      2,
    ),
  },
  closed,
);

const CmaEsOptions = Type.Object(
  {
    merge: withDefault(
      Type.String({ description: 'Merge whose weights are searched, by group of layers.' }),
      'task-arithmetic',
    ),
    parameters: withDefault(
      Type.Array(Type.String(), {
        description: 'Numbers of the merge that are searched too, by group of layers.',
      }),
      [],
    ),
    start: withDefault(
      Type.Union([Type.Number(), Type.Literal('best-parent')], {
        description: 'Where the search begins: this weight for every parent, or the best parent alone.',
      }),
      'best-parent',
    ),
    sigma: withDefault(Type.Number({ exclusiveMinimum: 0, description: 'Step size at the start.' }), 0.2),
    offspring: withDefault(
      Type.Union([Type.Integer({ minimum: 4 }), Type.Null()], {
        description: 'Per generation; null: 4 + floor(3 ln genes).',
      }),
      8,
    ),
  },
  { ...closed, ...pluginSlot('merge', ['parameters']) },
);

const DiversityOptions = Type.Object(
  {
    healthy: withDefault(
      Type.Number({ minimum: 0, description: 'Below it mutations are twice as strong.' }),
      0.3,
    ),
    reseedBelow: withDefault(
      Type.Number({ minimum: 0, description: 'Below it two individuals are made anew from the parents.' }),
      0.2,
    ),
    reseedEvery: withDefault(
      Type.Integer({ minimum: 1, description: 'Generations between the same while not healthy.' }),
      10,
    ),
    functionalEvery: withDefault(
      Type.Integer({
        minimum: 1,
        description: 'Generations between comparisons of what the models predict.',
      }),
      10,
    ),
  },
  closed,
);

const GateOptions = Type.Object(
  {
    ...gateProperties,
    improvement: withDefault(Type.Number({ description: 'Relative gain in fitness.' }), 0.2),
    diversity: withDefault(Type.Number({ description: 'Of every generation.' }), 0.3),
    accuracy: withDefault(Type.Number({ description: 'Share of the accuracy of the best parent.' }), 0.95),
    hours: withDefault(Type.Number({ exclusiveMinimum: 0, description: 'Wall time.' }), 2.5),
  },
  closed,
);

const EarlyStop = Type.Union(
  [
    Type.Null(),
    Type.Object(
      {
        window: Type.Integer({
          minimum: 1,
          description: 'Generations over which the best fitness must gain.',
        }),
        minGain: Type.Number({ minimum: 0, description: 'Relative.' }),
      },
      closed,
    ),
  ],
  { description: 'null: all generations are run.' },
);

export const EvomergeOptions = Type.Object(
  {
    strategy: withDefault(
      Type.Union([Type.Literal('elite'), Type.Literal('tournament'), Type.Literal('cma-es')], {
        description: 'How the next generation comes about; compared in docs/evolution-study.md.',
      }),
      'cma-es',
    ),
    generations: withDefault(Type.Integer({ minimum: 0 }), 50),
    population: withDefault(Type.Integer({ minimum: 4 }), 8),
    stages: withDefault(StageOptions, {} as Static<typeof StageOptions>),
    mutations: withDefault(weights('Mutation plugins by name and how often each is drawn.'), {
      coefficients: 0.5,
      'weight-noise': 0.25,
      recipe: 0.125,
      'bit-flip': 0.125,
    }),
    fitness: withDefault(
      weights('Fitness terms by name and their weights; a term that is not named does not count.'),
      {
        perplexity: 0.4,
        accuracy: 0.3,
        speed: 0.2,
        memory: 0.1,
      },
    ),
    importance: withDefault(
      Type.Boolean({ description: 'Give merges the Fisher information of the parents.' }),
      true,
    ),
    elite: withDefault(EliteOptions, {} as Static<typeof EliteOptions>),
    tournament: withDefault(TournamentOptions, {} as Static<typeof TournamentOptions>),
    cmaEs: withDefault(CmaEsOptions, {} as Static<typeof CmaEsOptions>),
    diversity: withDefault(DiversityOptions, {} as Static<typeof DiversityOptions>),
    earlyStop: withDefault(EarlyStop, null),
    maxEvaluations: withDefault(
      Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
        description: 'Individuals scored before the search ends.',
      }),
      null,
    ),
    evaluation: withDefault(ScoringOptions, {} as ScoringOptions),
    generation: withDefault(AnswerOptions, {} as AnswerOptions),
    checkpointEvery: withDefault(Type.Integer({ minimum: 1, description: 'Generations.' }), 1),
    keepCheckpoints: withDefault(Type.Integer({ minimum: 1 }), 2),
    cache: withDefault(
      Type.Integer({ minimum: 1, description: 'Measurements kept by hash of weights.' }),
      100,
    ),
    sample: withDefault(SampleOptions, {} as SampleOptions),
    gates: withDefault(GateOptions, {} as Static<typeof GateOptions>),
  },
  closed,
);
export type EvomergeOptions = Static<typeof EvomergeOptions>;
