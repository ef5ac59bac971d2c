import { Type, type Static } from '@sinclair/typebox';
import { pluginSlot, withDefault } from '../../../core/contracts/options.js';
import { ObjectiveOptions } from '../shared/objective-options.js';
import {
  closed,
  gateProperties,
  OptimizerOptions,
  SampleOptions,
  TrainingOptions,
  withDefaults,
} from '../shared/options.js';

const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

const DataOptions = Type.Object(
  {
    datasets: withDefault(
      Type.Array(Type.String(), {
        minItems: 1,
        uniqueItems: true,
        description:
          'Dataset plugins whose records have a thought in `metadata.trace`, or a worked answer that one can be made of.',
      }),
      ['reasoning'],
    ),
    direct: withDefault(
      share(
        'Share of the tokens that answers without a thought get: without them "without thoughts" would be unfair.',
      ),
      0.15,
    ),
    replay: withDefault(
      share('Share of the tokens that come from what the model was trained on before, so that it is kept.'),
      0.2,
    ),
  },
  closed,
);

/** Multiplying gradients would do nothing under an optimizer that divides by their size. */
const MarkerLr = withDefault(
  Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
    description:
      'Learning rate of the rows of <think> and </think> in embedding and output head; null: as the other rows.',
  }),
  null,
);

const BakingOptions = Type.Object(
  {
    use: withDefault(Type.String({ description: 'Name of a baking plugin.' }), 'traces'),
    options: withDefault(
      Type.Record(Type.String(), Type.Unknown(), { description: "Laid over the plugin's own options." }),
      {},
    ),
    prompt: withDefault(
      Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
        description:
          'What the teacher reads before every question, for methods that bake a prompt: the model then thinks without it.',
      }),
      null,
    ),
    steps: withDefault(Type.Integer({ minimum: 1, description: 'Updates of a round.' }), 4000),
    strength: withDefault(
      Type.Union([Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }), Type.Null()], {
        description:
          'Share of the full effect on the held-out loss that is put into the weights, within 0.05; null for all of it.',
      }),
      null,
    ),
    rounds: withDefault(
      Type.Integer({
        minimum: 1,
        description:
          'Bakes at most, each with the result of the one before as its teacher; the best one goes on.',
      }),
      1,
    ),
    training: withDefault(TrainingOptions, {} as TrainingOptions),
    optimizer: withDefault(OptimizerOptions, {
      use: 'mugrokfast',
      options: { preset: 'phase3', muonLr: 1e-4, fallbackLr: 1e-4, lambda: 0.2 },
    }),
    markerLr: MarkerLr,
    objective: withDefault(ObjectiveOptions, {} as ObjectiveOptions),
    control: withDefault(
      Type.Boolean({
        description:
          'Train a second model as long on the same questions without thoughts: what thoughts are compared with.',
      }),
      true,
    ),
  },
  { ...closed, ...pluginSlot('use', ['options']) },
);

const ThoughtOptions = Type.Object(
  {
    tokens: withDefault(Type.Integer({ minimum: 1, description: 'Most tokens of a thought, T.' }), 12),
    talk: withDefault(
      Type.Integer({ minimum: 1, description: 'True tokens that a thought is judged by, A.' }),
      4,
    ),
    samples: withDefault(Type.Integer({ minimum: 1, description: 'Thoughts at each position, N.' }), 4),
    positions: withDefault(Type.Integer({ minimum: 1, description: 'Positions of a row that think, P.' }), 4),
    exploration: withDefault(
      share('Share of the positions that are drawn by chance; the others are where the model is unsure.'),
      0.25,
    ),
    minInterval: withDefault(Type.Integer({ minimum: 1, description: 'Tokens between two thoughts.' }), 3),
    at: withDefault(
      Type.Union([Type.Literal('unsure'), Type.Literal('answers')], {
        description:
          'Which places come first: where the next token is most uncertain, or where the answer to a question begins.',
      }),
      'unsure',
    ),
  },
  closed,
);

const TheaterTests = Type.Object(
  {
    every: withDefault(
      Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
        description: 'Updates between two tests; null or 0 for none.',
      }),
      1000,
    ),
    items: withDefault(
      Type.Integer({
        minimum: 1,
        description: 'Free questions that are answered with thoughts and without.',
      }),
      64,
    ),
    required: withDefault(
      Type.Array(
        Type.Union([
          Type.Literal('T1_divergence'),
          Type.Literal('T2_ablation'),
          Type.Literal('T4_length'),
          Type.Literal('T5_diversity'),
          Type.Literal('T6_repetition'),
        ]),
        { uniqueItems: true, description: 'Tests of which a failed one is theater.' },
      ),
      ['T2_ablation', 'T4_length', 'T6_repetition'],
    ),
  },
  { ...closed, description: 'Anti-theater tests while step 2 trains.' },
);
export type TheaterTestOptions = Static<typeof TheaterTests>;

/** A stretch of step 2 with thoughts of another size; what it does not name is as `thoughts` has it. */
const ShrinkStage = Type.Object(
  {
    until: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Share of the updates of step 2 at which the stage is over.',
    }),
    tokens: Type.Integer({ minimum: 0, description: 'Most tokens of a thought; 0: nothing is thought.' }),
    talk: Type.Optional(
      Type.Integer({ minimum: 1, description: 'True tokens that a thought is judged by.' }),
    ),
  },
  closed,
);

const QuietOptions = Type.Object(
  {
    steps: withDefault(
      Type.Integer({ minimum: 0, description: 'Updates; 0 leaves the second step out.' }),
      5000,
    ),
    training: withDefaults(TrainingOptions, { rows: 2, length: 256 }),
    optimizer: withDefault(OptimizerOptions, { use: 'mugrokfast', options: { preset: 'phase3' } }),
    markerLr: MarkerLr,
    replay: withDefault(
      share(
        'Share of what is read that comes from what the model was trained on before; the rest are questions.',
      ),
      0.5,
    ),
    mixing: withDefault(
      Type.Union([Type.Literal('head'), Type.Literal('none')], {
        description:
          'What is said after a thought is weighed against what is said without it by a head that learns it, or stands as it is, as where text is written.',
      }),
      'head',
    ),
    baseWeight: withDefault(Type.Number({ minimum: 0, description: 'Of the loss without thoughts.' }), 0.5),
    talkWeight: withDefault(Type.Number({ minimum: 0, description: 'Of the loss with thoughts.' }), 0.5),
    policyWeight: withDefault(Type.Number({ minimum: 0, description: 'Of REINFORCE on the thoughts.' }), 1),
    klWeight: withDefault(Type.Number({ minimum: 0, description: 'Pull to the baked model.' }), 0.1),
    rewardThreshold: withDefault(
      Type.Number({
        minimum: 0,
        description:
          'What a thought must be better than the others at its place by to be reinforced, in spreads.',
      }),
      0.1,
    ),
    entropyWeight: withDefault(
      Type.Object(
        {
          start: Type.Number({ minimum: 0 }),
          decay: Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'Per update.' }),
          end: Type.Number({ minimum: 0 }),
        },
        closed,
      ),
      { start: 0.01, decay: 0.9995, end: 0.001 },
    ),
    theater: withDefault(TheaterTests, {} as TheaterTestOptions),
    shrink: withDefault(
      Type.Array(ShrinkStage, {
        description:
          'Stages that step 2 begins with, of thoughts that get shorter; after the last one they are as long as `thoughts` has it.',
      }),
      [],
    ),
  },
  closed,
);

const ExaminationOptions = Type.Object(
  {
    items: withDefault(
      Type.Integer({ minimum: 1, description: 'Held-out questions of known families and ranges.' }),
      500,
    ),
    furtherItems: withDefault(
      Type.Integer({ minimum: 0, description: 'Questions of wider ranges, and as many of new families.' }),
      200,
    ),
    rows: withDefault(Type.Integer({ minimum: 1, description: 'Questions answered at a time.' }), 32),
    thoughtTokens: withDefault(Type.Integer({ minimum: 1, description: 'Most tokens of a thought.' }), 48),
    answerTokens: withDefault(Type.Integer({ minimum: 1, description: 'Most tokens of an answer.' }), 12),
    hardRows: withDefault(
      Type.Integer({ minimum: 1, description: 'Held-out rows on whose hardest fifth thoughts are tried.' }),
      8,
    ),
    resamples: withDefault(Type.Integer({ minimum: 100, description: 'Of the bootstrap.' }), 2000),
  },
  closed,
);

const InjectionOptions = Type.Object(
  {
    percentile: withDefault(
      Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        description: 'Of the entropies of held-out text: above it the model thinks.',
      }),
      0.7,
    ),
    minInterval: withDefault(Type.Integer({ minimum: 1, description: 'Tokens between two thoughts.' }), 3),
  },
  closed,
);

const GateOptions = Type.Object(
  {
    ...gateProperties,
    bakingAccuracy: withDefault(Type.Number(), 0.85),
    strategyAccuracy: withDefault(Type.Number({ description: 'Of each strategy: 0.9 of the above.' }), 0.765),
    improvement: withDefault(Type.Number({ description: 'Accuracy with thoughts minus without.' }), 0.02),
    coherence: withDefault(Type.Number(), 0.7),
    validity: withDefault(
      Type.Number({ description: 'Share of thoughts whose coherence is high enough.' }),
      0.75,
    ),
    latencyMs: withDefault(Type.Number({ description: 'Of a prediction with a thought.' }), 200),
    ordinaryText: withDefault(
      Type.Number({ description: 'Most that the loss on ordinary text may rise, relative.' }),
      0.01,
    ),
  },
  closed,
);

export const QuietstarOptions = Type.Object(
  {
    data: withDefault(DataOptions, {} as Static<typeof DataOptions>),
    baking: withDefault(BakingOptions, {} as Static<typeof BakingOptions>),
    thoughts: withDefault(ThoughtOptions, {} as Static<typeof ThoughtOptions>),
    quiet: withDefault(QuietOptions, {} as Static<typeof QuietOptions>),
    examination: withDefault(ExaminationOptions, {} as Static<typeof ExaminationOptions>),
    injection: withDefault(InjectionOptions, {} as Static<typeof InjectionOptions>),
    sample: withDefault(SampleOptions, {} as SampleOptions),
    gates: withDefault(GateOptions, {} as Static<typeof GateOptions>),
  },
  closed,
);
export type QuietstarOptions = Static<typeof QuietstarOptions>;
