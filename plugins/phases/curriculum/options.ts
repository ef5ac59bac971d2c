import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
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
import { ComparisonOptions } from './comparison/options.js';
import { DreamOptions } from './dream-options.js';
import { ValueOptions } from './value-options.js';

const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const count = (description: string, minimum = 1) => Type.Integer({ minimum, description });

const DataOptions = Type.Object(
  {
    thoughts: withDefault(
      share('Share of the tokens of main training that are questions with worked thoughts of phase 3.'),
      0.15,
    ),
    replay: withDefault(share('Share of the tokens that are what the model was first trained on.'), 0.2),
    keep: withDefault(
      Type.Number({
        minimum: 0,
        description:
          'Weight of saying on texts and thoughts of earlier phases what the model that came in says (divergence from it, beside the loss); 0: they are learnt as anything else.',
      }),
      0,
    ),
    samples: withDefault(count('Fewest tasks that are drawn for main training.'), 10_000),
  },
  closed,
);

const TaskOptions = Type.Object(
  {
    generators: withDefault(
      Type.Array(Type.String(), {
        minItems: 1,
        uniqueItems: true,
        description:
          'Names of task-generator plugins, or of one concept of them (`arithmetic-tasks/sum`); each concept is asked about as often.',
      }),
      [
        ...['arithmetic-tasks', 'word-problem-tasks', 'trace-tasks', 'list-tasks', 'bracket-tasks'],
        ...['boolean-tasks', 'recall-tasks', 'lookup-tasks', 'edit-tasks'],
      ],
    ),
    hints: withDefault(Type.Boolean({ description: 'Whether a failed task comes again with a hint.' }), true),
  },
  closed,
);

const ToolOptions = Type.Object(
  {
    generator: withDefault(
      Type.Union([Type.String(), Type.Null()], {
        description: 'The task generator that asks about tools; null: no tools are taught.',
      }),
      'tool-tasks',
    ),
    share: withDefault(share('Share of the tasks that need a tool.'), 0.5),
    without: withDefault(
      share('Of the tasks about tools, those without a manual: they are to be answered "unknown".'),
      0.15,
    ),
    other: withDefault(share('Of the tasks about tools, those with the manual of another tool alone.'), 0.1),
    aside: withDefault(share('Of the tasks that need no tool, those with a manual in front.'), 0.15),
    bystanders: withDefault(
      Type.Array(Type.String(), {
        uniqueItems: true,
        description:
          'Tools whose manuals stand in front of tasks that need none: they could not answer them.',
      }),
      ['search', 'file-reader', 'database-query'],
    ),
    manuals: withDefault(count('Most manuals in front of a question.'), 2),
    mostArguments: withDefault(count('Most tokens of the arguments of a call.'), 32),
    mostCalls: withDefault(count('Most calls in one answer.'), 3),
  },
  closed,
);

const AssessmentOptions = Type.Object(
  {
    threshold: withDefault(share('Accuracy at the baseline.'), 0.75),
    questions: withDefault(count('Questions of each difficulty that is probed.'), 32),
    grid: withDefault(count('Difficulties that are probed first.', 2), 8),
    refinements: withDefault(
      Type.Array(Type.Number({ exclusiveMinimum: 0 }), {
        description: 'How far from what is known of the baseline each further pair of probes is.',
      }),
      [7, 5, 4, 3, 2, 2],
    ),
  },
  closed,
);

/** It is never stopped early: what tools need comes after what text needs. */
const ForgeTraining = Type.Omit(TrainingOptions, ['earlyStop'], closed);

const SelfModelOptions = Type.Object(
  {
    weight: withDefault(
      Type.Number({
        minimum: 0,
        description:
          'Weight of predicting the activations of a layer (mean squared error, beside the loss); 0: the model does not model itself.',
      }),
      0,
    ),
    layer: withDefault(
      Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
        description: 'The layer whose activations are predicted, the first being 0; null: the middle one.',
      }),
      null,
    ),
  },
  closed,
);

const ForgeOptions = Type.Object(
  {
    steps: withDefault(count('Updates of main training.', 0), 5000),
    training: withDefaults(ForgeTraining, { schedule: 'linear', floor: 0.3 }),
    optimizer: withDefault(OptimizerOptions, { use: 'mugrokfast', options: { preset: 'phase5' } }),
    objective: withDefault(ObjectiveOptions, {} as ObjectiveOptions),
    selfModel: withDefault(SelfModelOptions, {} as Static<typeof SelfModelOptions>),
    watchEvery: withDefault(count('Updates between two counts of codes that flipped.'), 100),
  },
  closed,
);

const LevelOptions = Type.Object(
  {
    items: withDefault(count('Tasks of a level.'), 200),
    heldOut: withDefault(count('Held-out tasks of a level.'), 64),
    epochs: withDefault(count('Most epochs of a level.'), 3),
    variants: withDefault(
      count(
        'Further variants of each task that was answered wrongly; their reference answers are learnt.',
        0,
      ),
      2,
    ),
    rehearsal: withDefault(
      Type.Number({
        minimum: 0,
        exclusiveMaximum: 1,
        description: 'Share of the documents of an epoch that are of earlier levels and earlier phases.',
      }),
      0.5,
    ),
    rate: withDefault(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'Learning rate of the levels, in rates of main training.',
      }),
      0.3,
    ),
    advance: withDefault(share('Accuracy on held-out tasks that ends a level.'), 0.8),
    mastered: withDefault(share('Share of mastered tasks that ends a level.'), 0.95),
    wall: withDefault(share('Accuracy below which a level that is over ends the curriculum.'), 0.5),
    leastLeft: withDefault(share('A level with a smaller share of its tasks left is over.'), 0.025),
    remeasureEvery: withDefault(
      count('Levels after which the held-out lists of all earlier levels are asked again.'),
      1,
    ),
    streak: withDefault(count('Right answers in a row, without a hint, that master a task.'), 3),
    mostHints: withDefault(count('Hints after which a task is parked.'), 5),
  },
  closed,
);

const ConsolidationOptions = Type.Object(
  { steps: withDefault(count('Updates on everything that was learnt, after the last level.', 0), 500) },
  closed,
);

const ExaminationOptions = Type.Object(
  {
    items: withDefault(count('Held-out questions of phase 3, after a thought and without.'), 500),
    toolItems: withDefault(count('Held-out tasks of each tool, with its manual and without.'), 200),
    plainItems: withDefault(count('Held-out tasks that need no tool, with a manual in front.'), 200),
    rows: withDefault(count('Questions answered at a time.'), 32),
    answerTokens: withDefault(count('Most tokens of an answer after a thought.'), 12),
    taskTokens: withDefault(
      count('Most tokens that are written for a task, thoughts and calls included.'),
      64,
    ),
    resamples: withDefault(Type.Integer({ minimum: 100, description: 'Of the bootstrap.' }), 2000),
  },
  closed,
);

const GateOptions = Type.Object(
  {
    ...gateProperties,
    maintained: withDefault(
      Type.Number({ description: 'Points by which accuracy with thoughts may fall, 0..1.' }),
      0.01,
    ),
    finalAccuracy: withDefault(Type.Number({ description: 'On held-out tasks of the last level.' }), 0.85),
    toolSuccess: withDefault(
      Type.Number({ description: 'With the manual in context, mean of the tools.' }),
      0.9,
    ),
    restraint: withDefault(Type.Number({ description: 'Calls without a manual, share of the tasks.' }), 0.05),
    retentionFirst: withDefault(Type.Number({ description: 'Of the first level.' }), 0.95),
    retentionAll: withDefault(Type.Number({ description: 'Of all levels, the mean.' }), 0.9),
    timeReduction: withDefault(
      Type.Number({
        description:
          'Share of the seconds to equal loss that the subject of the comparison saves, where there is one.',
      }),
      0.5,
    ),
    perplexityRise: withDefault(Type.Number({ description: 'Of locked text, relative.' }), 0.1),
    roundingCost: withDefault(
      Type.Number({ description: 'Loss of locked text in the precision of training, relative rise.' }),
      0.01,
    ),
    fileGrowth: withDefault(Type.Number({ description: 'Of the packed file, relative.' }), 0.05),
  },
  closed,
);

/** Rows and their length are those of main training. */
const EvaluationOptions = Type.Omit(ScoringOptions, ['datasets', 'rows', 'length'], closed);
type EvaluationOptions = Static<typeof EvaluationOptions>;

export const CurriculumOptions = Type.Object(
  {
    data: withDefault(DataOptions, {} as Static<typeof DataOptions>),
    tasks: withDefault(TaskOptions, {} as Static<typeof TaskOptions>),
    tools: withDefault(ToolOptions, {} as Static<typeof ToolOptions>),
    assessment: withDefault(AssessmentOptions, {} as Static<typeof AssessmentOptions>),
    forge: withDefault(ForgeOptions, {} as Static<typeof ForgeOptions>),
    comparison: withDefault(
      orNull(ComparisonOptions, {
        description:
          'Optimizers compared before main training, each from the model that came in, on its data and in its order; nothing of it stays. null: none.',
      }),
      null,
    ),
    levels: withDefault(LevelOptions, {} as Static<typeof LevelOptions>),
    dreams: withDefault(DreamOptions, {} as DreamOptions),
    consolidation: withDefault(ConsolidationOptions, {} as Static<typeof ConsolidationOptions>),
    values: withDefault(ValueOptions, {} as ValueOptions),
    evaluation: withDefault(EvaluationOptions, {} as EvaluationOptions),
    examination: withDefault(ExaminationOptions, {} as Static<typeof ExaminationOptions>),
    sample: withDefault(SampleOptions, {} as SampleOptions),
    gates: withDefault(GateOptions, {} as Static<typeof GateOptions>),
  },
  closed,
);
export type CurriculumOptions = Static<typeof CurriculumOptions>;
