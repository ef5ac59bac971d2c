import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { ObjectiveOptions } from '../shared/objective-options.js';
import {
  CategoryMix,
  closed,
  dataProperties,
  gateProperties,
  ModelOptions,
  OptimizerOptions,
  SampleOptions,
  TokenizerOptions,
  TrainingOptions,
} from '../shared/options.js';

const Specialization = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
      description: "Names the model. The architecture's constants for a name it knows come with it.",
    }),
    seed: Type.Integer({
      description: 'Drives data order and dropout, not the initial weights (those are shared).',
    }),
    haltingThreshold: withDefault(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        description: 'Cumulative halting mass to stop at, for models that halt by themselves.',
      }),
      0.95,
    ),
    ponderCost: withDefault(Type.Number({ minimum: 0, description: 'Loss per expected recursion step.' }), 0),
    hyperparameters: withDefault(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Constants of this model alone, never shapes: it could not be merged with the others.',
      }),
      {},
    ),
    mix: CategoryMix,
  },
  closed,
);
export type Specialization = Static<typeof Specialization>;

/** The three documented specialists; the cheap model is made by its ponder cost. */
export const SPECIALIZATIONS: readonly Specialization[] = [
  {
    name: 'reasoning',
    seed: 42,
    haltingThreshold: 0.95,
    ponderCost: 0.001,
    hyperparameters: {},
    mix: { math: 0.4, qa: 0.3, code: 0.1, commonsense: 0.1, language: 0.1 },
  },
  {
    name: 'memory_integration',
    seed: 1337,
    haltingThreshold: 0.9,
    ponderCost: 0.005,
    hyperparameters: {},
    mix: { language: 0.4, qa: 0.3, math: 0.1, code: 0.1, commonsense: 0.1 },
  },
  {
    name: 'adaptive_computation',
    seed: 2023,
    haltingThreshold: 0.99,
    ponderCost: 0.02,
    hyperparameters: {},
    mix: { commonsense: 0.4, math: 0.3, qa: 0.1, code: 0.1, language: 0.1 },
  },
];

/** Mix of data of the trunk. */
export const TRUNK_MIX: CategoryMix = { language: 0.5, math: 0.2, qa: 0.1, code: 0.1, commonsense: 0.1 };

const DataOptions = Type.Object({ ...dataProperties, trunkMix: withDefault(CategoryMix, TRUNK_MIX) }, closed);

const GateOptions = Type.Object(
  {
    ...gateProperties,
    haltingSpread: withDefault(Type.Number({ description: 'Steps; the default is K/6.' }), 0.5),
    memorySpread: withDefault(Type.Number(), 0.3),
    latencySpread: withDefault(Type.Number({ description: 'Relative.' }), 0.1),
    divergence: withDefault(
      Type.Number({ description: 'Jensen-Shannon divergence between outputs, nats.' }),
      0.02,
    ),
  },
  closed,
);

export const CognateOptions = Type.Object(
  {
    model: withDefault(ModelOptions, {} as ModelOptions),
    optimizer: withDefault(OptimizerOptions, { use: 'mugrokfast', options: { preset: 'phase1' } }),
    objective: withDefault(ObjectiveOptions, {} as ObjectiveOptions),
    tokenizer: withDefault(TokenizerOptions, {} as TokenizerOptions),
    data: withDefault(DataOptions, {} as Static<typeof DataOptions>),
    training: withDefault(TrainingOptions, {} as TrainingOptions),
    maxSteps: withDefault(
      Type.Integer({ minimum: 2, description: 'Updates per model, trunk included.' }),
      100_000,
    ),
    trunkFraction: withDefault(
      Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        description: 'Share of maxSteps trained before the models branch.',
      }),
      0.3,
    ),
    specializations: withDefault(Type.Array(Specialization, { minItems: 1 }), [...SPECIALIZATIONS]),
    fisherBatches: withDefault(Type.Integer({ minimum: 1 }), 64),
    probeRows: withDefault(
      Type.Integer({ minimum: 1, description: 'Held-out rows that diversity is measured on.' }),
      16,
    ),
    sample: withDefault(SampleOptions, {} as SampleOptions),
    gates: withDefault(GateOptions, {} as Static<typeof GateOptions>),
  },
  closed,
);
export type CognateOptions = Static<typeof CognateOptions>;
