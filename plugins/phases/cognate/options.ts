import { Type, type Static } from '@sinclair/typebox';
import { pathOption, pluginSlot, withDefault } from '../../../core/contracts/options.js';

import { ObjectiveOptions } from '../shared/objective-options.js';

const closed = { additionalProperties: false } as const;

const share = Type.Optional(Type.Number({ minimum: 0 }));

const CategoryMix = Type.Object(
  { math: share, qa: share, code: share, commonsense: share, language: share },
  { ...closed, description: 'Relative weight of each kind of data; what is not named weighs nothing.' },
);
export type CategoryMix = Static<typeof CategoryMix>;

const Specialization = Type.Object(
  {
    name: Type.Union([
      Type.Literal('reasoning'),
      Type.Literal('memory_integration'),
      Type.Literal('adaptive_computation'),
    ]),
    seed: Type.Integer({
      description: 'Drives data order and dropout, not the initial weights (those are shared).',
    }),
    haltingThreshold: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Cumulative halting mass to stop at.',
    }),
    ponderCost: Type.Number({ minimum: 0, description: 'Loss per expected recursion step.' }),
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
    mix: { math: 0.4, qa: 0.3, code: 0.1, commonsense: 0.1, language: 0.1 },
  },
  {
    name: 'memory_integration',
    seed: 1337,
    haltingThreshold: 0.9,
    ponderCost: 0.005,
    mix: { language: 0.4, qa: 0.3, math: 0.1, code: 0.1, commonsense: 0.1 },
  },
  {
    name: 'adaptive_computation',
    seed: 2023,
    haltingThreshold: 0.99,
    ponderCost: 0.02,
    mix: { commonsense: 0.4, math: 0.3, qa: 0.1, code: 0.1, language: 0.1 },
  },
];

/** Mix of data of the trunk. */
export const TRUNK_MIX: CategoryMix = { language: 0.5, math: 0.2, qa: 0.1, code: 0.1, commonsense: 0.1 };

const ModelOptions = Type.Object(
  {
    architecture: withDefault(Type.String({ description: 'Name of an architecture plugin.' }), 'titans-mag'),
    from: withDefault(
      Type.Union([pathOption(), Type.Null()], {
        description:
          'Folder of a model to go on from, with its architecture, hyper-parameters and tokenizer; null: from nothing.',
      }),
      null,
    ),
    size: withDefault(
      Type.Union([Type.String(), Type.Null()], {
        description: "A size that the architecture names; null: the architecture's defaults.",
      }),
      null,
    ),
    hyperparameters: withDefault(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "Laid over the size; validated by the architecture's own schema.",
      }),
      {},
    ),
  },
  { ...closed, ...pluginSlot(['architecture', 'from'], ['size', 'hyperparameters']) },
);

const OptimizerOptions = Type.Object(
  {
    use: withDefault(Type.String({ description: 'Name of an optimizer plugin.' }), 'mugrokfast'),
    options: withDefault(
      Type.Record(Type.String(), Type.Unknown(), { description: "Laid over the plugin's own options." }),
      {},
    ),
  },
  { ...closed, ...pluginSlot('use', ['options']) },
);

const TokenizerOptions = Type.Object(
  {
    kind: withDefault(Type.String({ description: 'Name of a tokenizer plugin.' }), 'byte-bpe'),
    vocabularySize: withDefault(Type.Integer({ minimum: 261, maximum: 262144 }), 32768),
    /** Training on a sample is enough for BPE statistics and bounds the time. */
    maxCharacters: withDefault(Type.Integer({ minimum: 1000 }), 20_000_000),
  },
  closed,
);

const DataOptions = Type.Object(
  {
    datasets: withDefault(
      Type.Array(Type.String(), { minItems: 1, uniqueItems: true, description: 'Names of dataset plugins.' }),
      ['stories', 'arithmetic', 'word-problems', 'logic', 'sequences', 'string-tasks', 'tool-calls'],
    ),
    holdout: withDefault(Type.Number({ exclusiveMinimum: 0, maximum: 0.5 }), 0.1),
    answerOnly: withDefault(Type.Boolean({ description: 'QA records train on the answer alone.' }), true),
    /** Largest share of one dataset in a stage of training, unless there are too few datasets to keep to it. */
    cap: withDefault(Type.Number({ exclusiveMinimum: 0, maximum: 1 }), 1),
    trunkMix: withDefault(CategoryMix, TRUNK_MIX),
    evaluationRows: withDefault(
      Type.Integer({ minimum: 1, description: 'Held-out rows per dataset and evaluation.' }),
      16,
    ),
  },
  closed,
);

const TrainingOptions = Type.Object(
  {
    rows: withDefault(Type.Integer({ minimum: 1, description: 'Rows per micro-batch.' }), 16),
    length: withDefault(Type.Integer({ minimum: 8, description: 'Tokens per row.' }), 512),
    accumulation: withDefault(Type.Integer({ minimum: 1, description: 'Micro-batches per update.' }), 4),
    warmupSteps: withDefault(Type.Integer({ minimum: 0 }), 2000),
    floor: withDefault(
      Type.Number({ minimum: 0, maximum: 1, description: 'Schedule factor at the end.' }),
      0.1,
    ),
    clipNorm: withDefault(Type.Number({ exclusiveMinimum: 0 }), 1),
    emaDecay: withDefault(Type.Number({ minimum: 0, exclusiveMaximum: 1 }), 0.999),
    evaluateEvery: withDefault(Type.Integer({ minimum: 1 }), 500),
    checkpointEvery: withDefault(Type.Integer({ minimum: 1 }), 1000),
    keepCheckpoints: withDefault(Type.Integer({ minimum: 1 }), 3),
    earlyStop: withDefault(
      Type.Union([
        Type.Null(),
        Type.Object(
          { patience: Type.Integer({ minimum: 1 }), minDelta: Type.Number({ minimum: 0 }) },
          closed,
        ),
      ]),
      { patience: 3, minDelta: 0.01 },
    ),
  },
  closed,
);

const GateOptions = Type.Object(
  {
    parameterRange: withDefault(
      Type.Union([Type.Null(), Type.Tuple([Type.Integer(), Type.Integer()])], {
        description: 'Integrity gate on the parameters of each model; null for none.',
      }),
      null,
    ),
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
    model: withDefault(ModelOptions, {
      architecture: 'titans-mag',
      from: null,
      size: null,
      hyperparameters: {},
    }),
    optimizer: withDefault(OptimizerOptions, { use: 'mugrokfast', options: { preset: 'phase1' } }),
    objective: withDefault(ObjectiveOptions, {} as ObjectiveOptions),
    tokenizer: withDefault(TokenizerOptions, {} as Static<typeof TokenizerOptions>),
    data: withDefault(DataOptions, {} as Static<typeof DataOptions>),
    training: withDefault(TrainingOptions, {} as Static<typeof TrainingOptions>),
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
    specializations: withDefault(Type.Array(Specialization, { minItems: 3, maxItems: 3 }), [
      ...SPECIALIZATIONS,
    ]),
    fisherBatches: withDefault(Type.Integer({ minimum: 1 }), 64),
    probeRows: withDefault(
      Type.Integer({ minimum: 1, description: 'Held-out rows that diversity is measured on.' }),
      16,
    ),
    sample: withDefault(
      Type.Object(
        {
          prompt: withDefault(Type.String(), ''),
          maxTokens: withDefault(Type.Integer({ minimum: 1 }), 64),
          temperature: withDefault(Type.Number({ minimum: 0 }), 0.8),
        },
        closed,
      ),
      {} as { prompt: string; maxTokens: number; temperature: number },
    ),
    gates: withDefault(GateOptions, {} as Static<typeof GateOptions>),
  },
  closed,
);
export type CognateOptions = Static<typeof CognateOptions>;
