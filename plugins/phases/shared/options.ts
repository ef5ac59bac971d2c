import {
  Type,
  type Static,
  type TNull,
  type TObject,
  type TProperties,
  type TUnion,
} from '@sinclair/typebox';
import { pathOption, pluginSlot, withDefault, type Defaulted } from '../../../core/contracts/options.js';

/** The usual blocks of a phase's options, each with one default: a phase takes those it needs. */

/** Options of a phase name what they know and nothing else. */
export const closed = { additionalProperties: false } as const;

/**
 * A block of options with other defaults than its own, each for itself: what a user leaves out of it has them still. A default
 * of the block as a whole would be gone with the first option that is given.
 */
export function withDefaults<P extends TProperties>(
  block: TObject<P>,
  values: Partial<Static<TObject<P>>>,
): Defaulted<TObject<P>> {
  const changed = Object.entries(values).map(([name, value]) => [
    name,
    { ...block.properties[name], default: value },
  ]);
  const properties = { ...block.properties, ...Object.fromEntries(changed) } as P;
  return withDefault({ ...block, properties }, {} as Static<TObject<P>>);
}

/** A block that null switches off. Where it is there its defaults are filled in: within a union of schemas they are not. */
export function orNull<P extends TProperties>(
  block: TObject<P>,
  { description }: { readonly description: string },
): TUnion<[TObject<P>, TNull]> {
  return { ...block, description, type: ['object', 'null'] } as unknown as TUnion<[TObject<P>, TNull]>;
}

/** Which model a phase starts from: an architecture with a size and hyper-parameters, or a folder. */
export const ModelOptions = Type.Object(
  {
    architecture: withDefault(Type.String({ description: 'Name of an architecture plugin.' }), 'titans-mag'),
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
    from: withDefault(
      Type.Union([pathOption(), Type.Null()], {
        description:
          'Folder of a model to go on from, with its tokenizer; it says architecture, size and shapes. null: fresh weights.',
      }),
      null,
    ),
  },
  { ...closed, ...pluginSlot(['architecture', 'from'], ['size', 'hyperparameters']) },
);
export type ModelOptions = Static<typeof ModelOptions>;

/** Which optimizer trains, and what of its options this phase wants otherwise. */
export const OptimizerOptions = Type.Object(
  {
    use: withDefault(Type.String({ description: 'Name of an optimizer plugin.' }), 'mugrokfast'),
    options: withDefault(
      Type.Record(Type.String(), Type.Unknown(), { description: "Laid over the plugin's own options." }),
      {},
    ),
  },
  { ...closed, ...pluginSlot('use', ['options']) },
);
export type OptimizerOptions = Static<typeof OptimizerOptions>;

/** The tokenizer of a model that is made from nothing. */
export const TokenizerOptions = Type.Object(
  {
    kind: withDefault(Type.String({ description: 'Name of a tokenizer plugin.' }), 'byte-bpe'),
    vocabularySize: withDefault(Type.Integer({ minimum: 261, maximum: 262144 }), 32768),
    /** Training on a sample is enough for BPE statistics and bounds the time. */
    maxCharacters: withDefault(Type.Integer({ minimum: 1000 }), 20_000_000),
  },
  closed,
);
export type TokenizerOptions = Static<typeof TokenizerOptions>;

const share = Type.Optional(Type.Number({ minimum: 0 }));

/** Relative weight of each kind of data. */
export const CategoryMix = Type.Object(
  { math: share, qa: share, code: share, commonsense: share, language: share },
  {
    ...closed,
    description: 'Relative weight of each kind of data; what is not named weighs nothing.',
  },
);
export type CategoryMix = Static<typeof CategoryMix>;

/**
 * Properties of the data options of a phase that trains; a phase adds its own to them:
 * `Type.Object({ ...dataProperties, trunkMix: ... }, closed)`.
 */
export const dataProperties = {
  datasets: withDefault(
    Type.Array(Type.String(), { minItems: 1, uniqueItems: true, description: 'Names of dataset plugins.' }),
    ['stories', 'arithmetic', 'word-problems', 'logic', 'sequences', 'string-tasks', 'tool-calls'],
  ),
  holdout: withDefault(Type.Number({ exclusiveMinimum: 0, maximum: 0.5 }), 0.1),
  answerOnly: withDefault(Type.Boolean({ description: 'QA records train on the answer alone.' }), true),
  /** Largest share of one dataset in a stage of training, unless there are too few datasets to keep to it. */
  cap: withDefault(Type.Number({ exclusiveMinimum: 0, maximum: 1 }), 1),
  evaluationRows: withDefault(
    Type.Integer({ minimum: 1, description: 'Held-out rows per dataset and evaluation.' }),
    16,
  ),
};

const EarlyStop = Type.Union([
  Type.Null(),
  Type.Object({ patience: Type.Integer({ minimum: 1 }), minDelta: Type.Number({ minimum: 0 }) }, closed),
]);

const unrolledSteps = Type.Integer({ minimum: 1 });

/** A stretch of a run that trains on another shape; what it does not name is the run's. */
const TrainingStage = Type.Object(
  {
    until: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: "Share of the run's updates at which the stage is over.",
    }),
    rows: Type.Optional(Type.Integer({ minimum: 1, description: 'Rows per micro-batch.' })),
    length: Type.Optional(
      Type.Integer({ minimum: 8, description: "Tokens per row, a divisor of the run's length." }),
    ),
    steps: Type.Optional(
      Type.Union([unrolledSteps, Type.Array(unrolledSteps, { minItems: 1 })], {
        description:
          'Recursion steps that are unrolled: a number, or several of which each update draws one; all without it.',
      }),
    ),
  },
  closed,
);
export type TrainingStage = Static<typeof TrainingStage>;

/** How a training run is cut into steps, measured and saved. */
export const TrainingOptions = Type.Object(
  {
    rows: withDefault(Type.Integer({ minimum: 1, description: 'Rows per micro-batch.' }), 16),
    length: withDefault(Type.Integer({ minimum: 8, description: 'Tokens per row.' }), 512),
    accumulation: withDefault(Type.Integer({ minimum: 1, description: 'Micro-batches per update.' }), 4),
    stages: withDefault(
      Type.Array(TrainingStage, {
        description:
          'Shapes that the run begins with, one after the other; after the last one: rows, length and all steps.',
      }),
      [],
    ),
    schedule: withDefault(
      Type.Union([Type.Literal('cosine'), Type.Literal('linear'), Type.Literal('constant-then-linear')], {
        description:
          'How the learning rate falls to the floor after the warm-up: along a cosine, along a line, or along a line in the cool-down alone.',
      }),
      'cosine',
    ),
    cooldown: withDefault(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        description: "Share of the run's updates in which constant-then-linear falls.",
      }),
      0.2,
    ),
    warmupSteps: withDefault(Type.Integer({ minimum: 0 }), 2000),
    floor: withDefault(
      Type.Number({ minimum: 0, maximum: 1, description: 'Schedule factor at the end.' }),
      0.1,
    ),
    clipNorm: withDefault(Type.Number({ exclusiveMinimum: 0 }), 1),
    emaDecay: withDefault(Type.Number({ minimum: 0, exclusiveMaximum: 1 }), 0.999),
    amp: withDefault(
      Type.Union([Type.Literal('off'), Type.Literal('emulate-bf16'), Type.Literal('emulate-fp16')], {
        description:
          'Number format of matrix products: float32, or 16 bits with float32 weights, emulated: their numbers, not their speed.',
      }),
      'off',
    ),
    evaluateEvery: withDefault(Type.Integer({ minimum: 1 }), 500),
    checkpointEvery: withDefault(Type.Integer({ minimum: 1 }), 1000),
    keepCheckpoints: withDefault(Type.Integer({ minimum: 1 }), 3),
    earlyStop: withDefault(EarlyStop, { patience: 3, minDelta: 0.01 }),
  },
  closed,
);
export type TrainingOptions = Static<typeof TrainingOptions>;

/** A text that a finished model writes, for people to read. */
export const SampleOptions = Type.Object(
  {
    prompt: withDefault(Type.String(), ''),
    maxTokens: withDefault(Type.Integer({ minimum: 1 }), 64),
    temperature: withDefault(Type.Number({ minimum: 0 }), 0.8),
  },
  closed,
);
export type SampleOptions = Static<typeof SampleOptions>;

/** On which held-out documents models are scored, and how many of them. */
export const ScoringOptions = Type.Object(
  {
    datasets: withDefault(
      Type.Union([Type.Array(Type.String(), { minItems: 1 }), Type.Null()], {
        description: 'Names of dataset plugins; null: those the models were trained on.',
      }),
      null,
    ),
    selection: withDefault(
      Type.Integer({
        minimum: 1,
        description: 'Tokens of held-out documents that models are chosen by, as many of each dataset.',
      }),
      131_072,
    ),
    holdout: withDefault(
      Type.Integer({
        minimum: 1,
        description: 'Tokens of locked documents, scored once at the end.',
      }),
      131_072,
    ),
    rows: withDefault(Type.Integer({ minimum: 1, description: 'Most rows per batch.' }), 2),
    length: withDefault(
      Type.Integer({
        minimum: 8,
        description: 'Tokens per row, at most the context of the models; longer documents are left out.',
      }),
      512,
    ),
    answerMark: withDefault(
      Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
        description:
          'Of a worked answer only what stands after this mark counts as the answer; null: all of it, as in free generation.',
      }),
      '####',
    ),
  },
  closed,
);
export type ScoringOptions = Static<typeof ScoringOptions>;

/** Locked questions that models answer freely. */
export const AnswerOptions = Type.Object(
  {
    records: withDefault(
      Type.Integer({ minimum: 0, description: 'Locked questions answered freely at the end.' }),
      32,
    ),
    rows: withDefault(Type.Integer({ minimum: 1, description: 'Questions answered at a time.' }), 16),
    maxTokens: withDefault(Type.Integer({ minimum: 1 }), 64),
  },
  closed,
);
export type AnswerOptions = Static<typeof AnswerOptions>;

/** Properties of the gate options of every phase; a phase adds its own limits to them. */
export const gateProperties = {
  parameterRange: withDefault(
    Type.Union([Type.Null(), Type.Tuple([Type.Integer(), Type.Integer()])], {
      description: 'Integrity gate on the parameters of each model; null for none.',
    }),
    null,
  ),
};
