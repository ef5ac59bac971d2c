import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { DEFAULT_PERSONAS } from '../shared/baking/library.js';
import { ObjectiveOptions } from '../shared/objective-options.js';
import {
  closed,
  gateProperties,
  OptimizerOptions,
  SampleOptions,
  ScoringOptions,
  TrainingOptions,
  withDefaults,
} from '../shared/options.js';

const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const count = (description: string, minimum = 1) => Type.Integer({ minimum, description });
const names = (description: string) => Type.Array(Type.String(), { uniqueItems: true, description });

/** A bake has as many updates as it was given. */
const BakeTraining = Type.Omit(TrainingOptions, ['earlyStop'], closed);

/** Settings of every bake, of whatever a prompt asks for. */
const BAKE_TRAINING = {
  ...{ rows: 16, length: 96, accumulation: 1, warmupSteps: 5, emaDecay: 0.9 },
  ...({ schedule: 'linear', floor: 0 } as const),
  ...{ evaluateEvery: 1000, checkpointEvery: 50, keepCheckpoints: 1 },
};

const BakeOptions = Type.Object(
  {
    use: withDefault(
      Type.String({ description: 'Name of a baking plugin whose teacher reads a prompt.' }),
      'prompts',
    ),
    options: withDefault(
      Type.Record(Type.String(), Type.Unknown(), { description: "Laid over the plugin's own options." }),
      {},
    ),
    training: withDefaults(BakeTraining, BAKE_TRAINING),
    optimizer: withDefault(OptimizerOptions, {
      use: 'adamw',
      options: { learningRate: 0.001, weightDecay: 0 },
    }),
    order: withDefault(
      Type.Union([Type.Literal('sequential'), Type.Literal('together')], {
        description:
          'Whether tools, and personas behind tokens, are baked one after the other, what was baked before being rehearsed, or all at once.',
      }),
      'sequential',
    ),
    keep: withDefault(
      Type.Number({
        minimum: 0,
        exclusiveMaximum: 1,
        description:
          'Share of the rows of a bake that are to stay as they are: questions without a tool, thoughts and texts of earlier phases, as many of each.',
      }),
      0.4,
    ),
    strength: withDefault(
      Type.Union([Type.Literal('full'), Type.Literal('half-then-full')], {
        description: 'Whether a prompt is baked in one go, or half first and then the rest.',
      }),
      'half-then-full',
    ),
  },
  closed,
);
export type BakeOptions = Static<typeof BakeOptions>;

const TrajectoryOptions = Type.Object(
  {
    perQuestion: withDefault(count('Answers that the prompted model writes to each question.'), 8),
    temperatures: withDefault(
      Type.Array(Type.Number({ minimum: 0 }), {
        minItems: 1,
        description: 'Temperatures that the answers take turns with; 0 is the likeliest one.',
      }),
      [1, 1, 1, 1.5],
    ),
    keep: withDefault(
      Type.Union([Type.Literal('right'), Type.Literal('all')], {
        description: 'Which of its answers are learnt from: the right ones, or all.',
      }),
      'right',
    ),
  },
  closed,
);
export type TrajectoryOptions = Static<typeof TrajectoryOptions>;

const ToolOptions = Type.Object(
  {
    generator: withDefault(
      Type.Union([Type.String(), Type.Null()], {
        description: 'The task generator that asks about tools; null: no tool is baked.',
      }),
      'tool-tasks',
    ),
    use: withDefault(
      Type.Union([names('Names of tools.'), Type.Null()], {
        description: 'The tools that are baked, one after the other; null: all that the model was taught.',
      }),
      null,
    ),
    questions: withDefault(
      count('Questions of a tool that the model with the manual answers, to be learnt from.'),
      64,
    ),
    heldOut: withDefault(count('Other questions, that a bake is measured by.'), 32),
    steps: withDefault(count('Updates of a tool.'), 150),
    leastPrompted: withDefault(
      share('A tool is refused that the model with its manual calls rightly less often.'),
      0.9,
    ),
    leastGain: withDefault(share('A tool is refused whose manual makes less of a difference.'), 0.5),
  },
  closed,
);

const LessonOptions = Type.Object(
  {
    steps: withDefault(
      count(
        'Updates on examples of answers, each with the text that asks for its persona in front; 0: none.',
        0,
      ),
      300,
    ),
    turns: withDefault(
      share('Share of the examples that have earlier turns of a conversation in front.'),
      0.3,
    ),
    mostTurns: withDefault(count('Most earlier turns.'), 2),
    replay: withDefault(
      share('Share of the examples that are questions without a persona, answered as the model does.'),
      0.3,
    ),
    keep: withDefault(
      share(
        'Share of the examples that are thoughts and texts of earlier phases, which the model is to go on predicting as before.',
      ),
      0.3,
    ),
    training: withDefaults(BakeTraining, { ...BAKE_TRAINING, length: 128 }),
    optimizer: withDefault(OptimizerOptions, {
      use: 'adamw',
      options: { learningRate: 0.001, weightDecay: 0 },
    }),
  },
  closed,
);

const PersonaOptions = Type.Object(
  {
    use: withDefault(
      Type.Union([Type.Literal('planned'), names('Names of persona plugins.')], {
        description:
          'The personas that are baked; planned: the nine of the build plan; none in an empty list.',
      }),
      [...DEFAULT_PERSONAS],
    ),
    switching: withDefault(
      Type.Union([Type.Literal('trigger'), Type.Literal('adapters')], {
        description:
          'How one is taken on: by a token in front of the question, in the weights of the model; or by small changes of the weights, one set per persona, that lie beside the model.',
      }),
      'adapters',
    ),
    lessons: withDefault(LessonOptions, {} as Static<typeof LessonOptions>),
    questions: withDefault(
      count('Questions that the model with the text of a persona answers, to be learnt from.'),
      64,
    ),
    heldOut: withDefault(count('Other questions, that a bake is measured by.'), 32),
    steps: withDefault(count('Updates of a persona.'), 150),
    leastPrompted: withDefault(
      share('A persona is refused whose trait the model with its text shows less often.'),
      0.85,
    ),
  },
  closed,
);

const RollbackOptions = Type.Object(
  {
    points: withDefault(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'Points that an earlier list may lose by a bake; what costs more is taken back.',
      }),
      3.4,
    ),
    rehearsal: withDefault(
      share('Share of the rows of a bake that rehearse earlier ones; doubled when it is tried again.'),
      0.25,
    ),
    attempts: withDefault(count('How often a bake is tried.'), 2),
  },
  closed,
);

const CycleOptions = Type.Object(
  {
    most: withDefault(count('Most cycles, of tools and personas together; 0: none.', 0), 10),
    items: withDefault(count('Questions that candidates are compared on.'), 100),
    candidates: withDefault(count('Prompts that are compared in a cycle.'), 4),
    temperature: withDefault(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'Of the descriptions that the model writes of itself.',
      }),
      0.8,
    ),
    window: withDefault(count('Cycles without a gain that are a plateau.'), 3),
    threshold: withDefault(
      share('Least gain of a window that is none of a plateau; never less than one standard error.'),
      0.01,
    ),
    strength: withDefault(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        description: 'Share of the effect of a winner that is baked.',
      }),
      0.5,
    ),
    steps: withDefault(count('Updates of a winner.'), 60),
  },
  closed,
);

const ExaminationOptions = Type.Object(
  {
    toolItems: withDefault(count('Held-out questions of each tool, at the end.'), 200),
    plainItems: withDefault(count('Held-out questions that need no tool, at the end.'), 200),
    personaItems: withDefault(count('Held-out questions of each persona, at the end.'), 100),
    listItems: withDefault(count('Questions of every list that is asked again after each bake.'), 100),
    fadingItems: withDefault(count('Questions of each tool at each step of the fading of its manual.'), 50),
    conversations: withDefault(count('Conversations of each persona in which its stability is measured.'), 8),
    turns: withDefault(count('Turns of such a conversation.'), 30),
    latencyItems: withDefault(count('Answers whose seconds are measured, with the manual and without.'), 16),
    thoughtItems: withDefault(count('Held-out questions of phase 3, after a thought.'), 500),
    rows: withDefault(count('Questions answered at a time.'), 32),
    answerTokens: withDefault(count('Most tokens of an answer after a thought.'), 12),
    taskTokens: withDefault(
      count('Most tokens that are written for a question, thoughts and calls included.'),
      64,
    ),
  },
  closed,
);

const GateOptions = Type.Object(
  {
    ...gateProperties,
    toolSuccess: withDefault(Type.Number({ description: 'Without a manual, mean of the tools.' }), 0.9),
    eachTool: withDefault(Type.Number({ description: 'Without a manual, of every tool.' }), 0.8),
    falseCalls: withDefault(Type.Number({ description: 'Where no tool is needed.' }), 0.05),
    personaConsistency: withDefault(
      Type.Number({ description: 'Trait shown by its persona, the least.' }),
      0.85,
    ),
    forgetting: withDefault(
      Type.Number({ description: 'Points that any list lost since its own bake, the most.' }),
      3.4,
    ),
    divergence: withDefault(
      Type.Number({ description: 'Share of the held-out divergence that every full bake removes.' }),
      0.5,
    ),
    latency: withDefault(
      Type.Number({ description: 'Seconds of an answer without the manual over those with it.' }),
      1,
    ),
    perplexityRise: withDefault(Type.Number({ description: 'Of locked text, relative.' }), 0.1),
    fileGrowth: withDefault(Type.Number({ description: 'Of the packed file, relative.' }), 0.05),
  },
  closed,
);

/** Rows and their length are those of lessons. */
const EvaluationOptions = Type.Omit(ScoringOptions, ['datasets', 'rows', 'length'], closed);
type EvaluationOptions = Static<typeof EvaluationOptions>;

export const BakingOptions = Type.Object(
  {
    plain: withDefault(
      names(
        'Names of task-generator plugins, or of one concept of them: questions that need no tool, which are to be answered as before.',
      ),
      ['word-problem-tasks', 'list-tasks', 'bracket-tasks', 'boolean-tasks', 'recall-tasks', 'edit-tasks'],
    ),
    bake: withDefault(BakeOptions, {} as BakeOptions),
    trajectories: withDefault(TrajectoryOptions, {} as TrajectoryOptions),
    objective: withDefault(ObjectiveOptions, {} as ObjectiveOptions),
    tools: withDefault(ToolOptions, {} as Static<typeof ToolOptions>),
    personas: withDefault(PersonaOptions, {} as Static<typeof PersonaOptions>),
    rollback: withDefault(RollbackOptions, {} as Static<typeof RollbackOptions>),
    cycles: withDefault(CycleOptions, {} as Static<typeof CycleOptions>),
    evaluation: withDefault(EvaluationOptions, {} as EvaluationOptions),
    examination: withDefault(ExaminationOptions, {} as Static<typeof ExaminationOptions>),
    sample: withDefault(SampleOptions, {} as SampleOptions),
    gates: withDefault(GateOptions, {} as Static<typeof GateOptions>),
  },
  closed,
);
export type BakingOptions = Static<typeof BakingOptions>;
