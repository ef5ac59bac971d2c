import { Type, type Static } from '@sinclair/typebox';
import { pluginSlot, withDefault } from '../../../core/contracts/options.js';
import { ObjectiveOptions } from '../shared/objective-options.js';
import {
  closed,
  gateProperties,
  OptimizerOptions,
  orNull,
  SampleOptions,
  ScoringOptions,
  TrainingOptions,
  withDefaults,
} from '../shared/options.js';

const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

const DataOptions = Type.Object(
  {
    thoughts: withDefault(
      share('Share of the tokens of recovery that are questions with their worked thoughts.'),
      0.4,
    ),
    direct: withDefault(
      share(
        'Share of the tokens that are questions answered at once; the rest is what the model was trained on.',
      ),
      0.1,
    ),
  },
  closed,
);

const Format = Type.Object(
  {
    use: Type.String({ minLength: 1, description: 'Name of a compressor plugin.' }),
    options: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: "Laid over the plugin's own options." }),
    ),
  },
  { ...closed, ...pluginSlot('use', ['options']) },
);

/** Roles of the matrices before which norms stand (Wang et al. 2022). */
export const DEFAULT_NORMS: readonly string[] = ['attention-output', 'ffn-down'];

const FormatOptions = Type.Object(
  {
    named: withDefault(
      Type.Record(Type.String(), Format, {
        description: 'Formats by the names that ladder, tables and pins call them by.',
      }),
      { ternary: { use: 'ternary' }, int4: { use: 'int4' }, int8: { use: 'int8' } },
    ),
    ladder: withDefault(
      Type.Array(Type.String(), {
        minItems: 1,
        uniqueItems: true,
        description:
          'Formats of linear matrices, the smallest first: all are trained in that one, some may get another.',
      }),
      ['ternary', 'int4', 'int8', 'float16'],
    ),
    tables: withDefault(Type.String({ description: 'Format of embedding and output head.' }), 'int8'),
    pins: withDefault(
      Type.Record(Type.String(), Type.String(), {
        description:
          'Formats by the name of a tensor, a pattern of names (`layers.0.*`) or a role; nothing changes them.',
      }),
      {},
    ),
    smallest: withDefault(
      Type.Integer({
        minimum: 1,
        description: 'Weights below which a matrix stays as it is: it saves little and costs much.',
      }),
      65_536,
    ),
    activations: withDefault(
      Type.Union([Type.Literal('int8'), Type.Literal('int8-block'), Type.Literal('float')], {
        description:
          'Inputs of quantised matrices: rounded to 8 bits per token, per block as kernels of codes round them, or as they are.',
      }),
      'int8',
    ),
    norms: withDefault(
      Type.Array(Type.String(), {
        uniqueItems: true,
        description: 'Roles of the matrices that get a norm before them (SubLN).',
      }),
      [...DEFAULT_NORMS],
    ),
  },
  closed,
);

const CalibrationOptions = Type.Object(
  {
    sequences: withDefault(
      Type.Integer({
        minimum: 1,
        description: 'Held-out rows that inputs of the matrices are measured on.',
      }),
      512,
    ),
    rows: withDefault(Type.Integer({ minimum: 1, description: 'Rows at a time.' }), 4),
  },
  closed,
);

const SecondStage = Type.Object(
  {
    from: withDefault(
      Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        description: 'Share of the updates after which it begins.',
      }),
      0.5,
    ),
    rate: withDefault(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'Its learning rate, in learning rates of the first stage.',
      }),
      2 / 3,
    ),
    options: withDefault(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "What of the optimizer's options is otherwise in it.",
      }),
      { weightDecay: 0 },
    ),
  },
  closed,
);

const DistillationOptions = Type.Object(
  {
    weight: withDefault(
      Type.Number({
        minimum: 0,
        description: 'Of the divergence from the model that came in; 0 leaves it out.',
      }),
      1,
    ),
    temperature: withDefault(Type.Number({ exclusiveMinimum: 0 }), 2),
  },
  closed,
);

/** It is never stopped early: most of what is gained comes late (Ma et al. 2024). */
const RecoveryTraining = Type.Omit(TrainingOptions, ['earlyStop'], closed);

const RecoveryOptions = Type.Object(
  {
    steps: withDefault(Type.Integer({ minimum: 0, description: 'Updates; 0 quantises and no more.' }), 5000),
    training: withDefaults(RecoveryTraining, { warmupSteps: 375, schedule: 'linear', floor: 0 }),
    optimizer: withDefault(OptimizerOptions, {
      use: 'adamw',
      options: { learningRate: 1e-3, beta2: 0.95, weightDecay: 0.1 },
    }),
    secondStage: withDefault(
      orNull(SecondStage, {
        description:
          'A stage of lower rate and without weight decay (Ma et al. 2024); null: one stage all along.',
      }),
      { from: 0.5, rate: 2 / 3, options: { weightDecay: 0 } },
    ),
    distillation: withDefault(DistillationOptions, {} as Static<typeof DistillationOptions>),
    objective: withDefault(ObjectiveOptions, {} as ObjectiveOptions),
    watchEvery: withDefault(
      Type.Integer({ minimum: 1, description: 'Updates between two counts of codes that flipped.' }),
      100,
    ),
  },
  closed,
);

const MixedOptions = Type.Object(
  {
    when: withDefault(
      Type.Union([Type.Literal('missed'), Type.Literal('always'), Type.Literal('never')], {
        description:
          'Whether groups of matrices get more bits: where the ternary model misses its gates, always, or never.',
      }),
      'missed',
    ),
    ratio: withDefault(
      Type.Number({
        exclusiveMinimum: 1,
        description: 'The file stays so many times smaller than the floats: what bits may be spent up to.',
      }),
      8.2,
    ),
    retune: withDefault(share('Updates after formats have changed, as a share of those of recovery.'), 0.1),
  },
  closed,
);

const ExaminationOptions = Type.Object(
  {
    items: withDefault(
      Type.Integer({ minimum: 1, description: 'Held-out questions of known families and ranges.' }),
      500,
    ),
    rows: withDefault(Type.Integer({ minimum: 1, description: 'Questions answered at a time.' }), 32),
    answerTokens: withDefault(Type.Integer({ minimum: 1, description: 'Most tokens of an answer.' }), 12),
    resamples: withDefault(Type.Integer({ minimum: 100, description: 'Of the bootstrap.' }), 2000),
  },
  closed,
);

const GateOptions = Type.Object(
  {
    ...gateProperties,
    compression: withDefault(
      Type.Number({ description: 'Bytes of the floats over bytes of the file.' }),
      8.2,
    ),
    accuracyRetention: withDefault(Type.Number({ description: 'Accuracy after over accuracy before.' }), 0.9),
    perplexityRise: withDefault(Type.Number({ description: 'Of held-out text, relative.' }), 0.1),
    recovery: withDefault(Type.Number({ description: 'Share of the lost perplexity.' }), 0.6),
    speedup: withDefault(Type.Number({ description: 'Of decoding at batch 1, from packed weights.' }), 2),
    sparsity: withDefault(
      Type.Tuple([Type.Number(), Type.Number()], { description: 'Zeros among ternary weights.' }),
      [0.25, 0.45],
    ),
    agreement: withDefault(
      Type.Number({
        description: 'Tokens that packed weights and their fp16 expansion both find likeliest.',
      }),
      0.995,
    ),
    megabytes: withDefault(Type.Number({ description: 'Largest file, MB.' }), 20),
  },
  closed,
);

/** Rows and their length are those of recovery. */
const EvaluationOptions = Type.Omit(ScoringOptions, ['datasets', 'rows', 'length'], closed);
type EvaluationOptions = Static<typeof EvaluationOptions>;

export const BitnetOptions = Type.Object(
  {
    data: withDefault(DataOptions, {} as Static<typeof DataOptions>),
    formats: withDefault(FormatOptions, {} as Static<typeof FormatOptions>),
    calibration: withDefault(CalibrationOptions, {} as Static<typeof CalibrationOptions>),
    recovery: withDefault(RecoveryOptions, {} as Static<typeof RecoveryOptions>),
    mixed: withDefault(MixedOptions, {} as Static<typeof MixedOptions>),
    evaluation: withDefault(EvaluationOptions, {} as EvaluationOptions),
    examination: withDefault(ExaminationOptions, {} as Static<typeof ExaminationOptions>),
    sample: withDefault(SampleOptions, {} as SampleOptions),
    gates: withDefault(GateOptions, {} as Static<typeof GateOptions>),
  },
  closed,
);
export type BitnetOptions = Static<typeof BitnetOptions>;
