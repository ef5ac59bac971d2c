import type { BakingExample } from '../../../core/contracts/baking.js';
import { stream } from '../../../nn/random/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { ask, type Answered } from '../shared/tasks/asking.js';
import { promptIds, resultPlaces, type Asked } from '../shared/tasks/prompts.js';
import type { BakingRun } from './prepare.js';

/** A question as the teacher reads it, a prompt in front, and as the model is to read it afterwards. */
export interface Posed {
  readonly teacher: Asked;
  readonly model: Asked;
}

/** How a teacher's answers are gathered. */
export interface Gathering {
  /** What it is about, for reports. */
  readonly strategy: string;
  /** Answers to each question. */
  readonly copies: number;
  /** Which of its answers are learnt from. */
  readonly keeps: (answered: Answered) => boolean;
  /** Names the random numbers. */
  readonly words: readonly string[];
  readonly told?: (done: number) => void | Promise<void>;
}

/**
 * What a prompted model writes to questions, to be learnt without its prompt (Bhargava et al. 2024: trajectories of the
 * teacher). Tools answer on the way; what they say is read by both and learnt by none.
 *
 * @param teacher the model that reads the prompts
 */
export async function taughtExamples(
  run: BakingRun,
  teacher: LiveModel,
  posed: readonly Posed[],
  { strategy, copies, keeps, words, told = () => undefined }: Gathering,
): Promise<BakingExample[]> {
  const { temperatures } = run.options.trajectories;
  const examples: BakingExample[] = [];
  for (let copy = 0; copy < copies; copy++) {
    const temperature = temperatures[copy % temperatures.length]!;
    const { answers } = await ask(
      run,
      teacher,
      posed.map((one) => one.teacher),
      (done) => told(copy * posed.length + done),
      {
        free: true,
        ...(temperature === 0
          ? {}
          : {
              sampling: {
                temperature,
                random: (index: number) =>
                  stream(run.ctx.seed, 'baking', 'trajectory', ...words, String(copy), String(index)),
              },
            }),
      },
    );
    answers.forEach((answered, i) => {
      if (answered.ids !== null && answered.ids.length > 0 && keeps(answered))
        examples.push(exampleOf(run, posed[i]!, answered.ids, strategy));
    });
  }
  return distinct(examples);
}

/** One answer, as it is learnt. @param ids as they were written, without the end of the document */
export function exampleOf(
  { language, taskTokens }: Pick<BakingRun, 'language' | 'taskTokens'>,
  { teacher, model }: Posed,
  ids: readonly number[],
  strategy: string,
): BakingExample {
  const { eos } = language.tokenizer.special;
  const ended = ids.length < taskTokens && eos !== null;
  return {
    ...{ input: model.item.question, trace: '', output: '', strategy },
    prompt: teacher.manuals.map((line) => `${line}\n`).join(''),
    read: { teacher: promptIds(language, teacher), model: promptIds(language, model) },
    written: ended ? [...ids, eos] : ids,
    given: resultPlaces(language, ids),
  };
}

/** The same answer to the same question counts once. */
function distinct(examples: readonly BakingExample[]): BakingExample[] {
  const seen = new Set<string>();
  return examples.filter(({ read, written }) => {
    const key = JSON.stringify([read, written]);
    return seen.has(key) ? false : (seen.add(key), true);
  });
}

/** What was baked already, to be rehearsed: the model as it is says what it says without any prompt. */
export function rehearsed(example: BakingExample): BakingExample {
  const { model } = example.read!;
  return { ...example, prompt: null, read: { model, teacher: model } };
}
