import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import type { TaskSide } from '../../../core/contracts/tool.js';
import { closed, OptimizerOptions, TrainingOptions, withDefaults } from '../shared/options.js';
import type { TaskBook } from '../shared/tasks/book.js';

const Rule = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9_]*$', description: 'For metrics and for people.' }),
    text: Type.String({ minLength: 1, description: 'What the teacher reads in front of every question.' }),
  },
  closed,
);
/** A prompt that says how to behave. */
export type ValueRule = Static<typeof Rule>;

/** The documented four, in words of our own. A rule of self-preservation is nobody's default: who wants one writes it. */
export const VIRTUES: readonly ValueRule[] = [
  { name: 'golden_rule', text: 'Treat others as you want to be treated.' },
  { name: 'honesty', text: 'Say what is true. Say so when you do not know.' },
  { name: 'justice', text: 'Judge like cases alike.' },
  { name: 'compassion', text: 'See who is hurt, and help.' },
];

/** A bake has rows of one length. */
const ValueTraining = Type.Omit(TrainingOptions, ['stages'], closed);

export const ValueOptions = Type.Object(
  {
    rules: withDefault(
      Type.Union([Type.Null(), Type.Literal('virtues'), Type.Array(Rule, { minItems: 1 })], {
        description:
          'Prompts that are baked after all else is learnt, one after the other: null: none; virtues: golden_rule, honesty, justice and compassion; or rules of your own.',
      }),
      null,
    ),
    questions: withDefault(
      Type.Integer({
        minimum: 1,
        description: 'Tasks that the model with the prompt answers, to be learnt from.',
      }),
      64,
    ),
    heldOut: withDefault(
      Type.Integer({ minimum: 1, description: 'Other tasks, that a bake is measured by.' }),
      32,
    ),
    use: withDefault(
      Type.String({ description: 'Name of a baking plugin whose teacher reads a prompt.' }),
      'prompts',
    ),
    options: withDefault(
      Type.Record(Type.String(), Type.Unknown(), { description: "Laid over the plugin's own options." }),
      { train: 'all' },
    ),
    steps: withDefault(Type.Integer({ minimum: 1, description: 'Updates of a rule, at most.' }), 60),
    training: withDefaults(ValueTraining, {
      ...{ rows: 16, length: 96, accumulation: 1, warmupSteps: 5, emaDecay: 0.9 },
      ...{ evaluateEvery: 10, checkpointEvery: 20, keepCheckpoints: 1 },
    }),
    optimizer: withDefault(OptimizerOptions, {
      use: 'adamw',
      options: { learningRate: 0.001, weightDecay: 0 },
    }),
  },
  closed,
);
export type ValueOptions = Static<typeof ValueOptions>;

/** Rules that are to be baked; none where the stage is off. */
export function rulesOf({ rules }: Pick<ValueOptions, 'rules'>): readonly ValueRule[] {
  return rules === 'virtues' ? VIRTUES : (rules ?? []);
}

/** Hardest of the tasks: what is asked matters less here than that the model can answer. */
const EASY = 30;

/** Questions that are answered with a rule in front and without it, the same ones for every rule. */
export function valueQuestions(book: Pick<TaskBook, 'questions'>, side: TaskSide, count: number): string[] {
  return book
    .questions({ difficulty: [1, EASY], side, count }, 'values')
    .map(({ question }) => `Question: ${question}\nAnswer:`);
}

/** What the teacher reads, and the student does not. */
export function promptOf({ text }: Pick<ValueRule, 'text'>): string {
  return `${text}\n`;
}
