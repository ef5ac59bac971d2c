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
  run: Pick<BakingRun, 'language' | 'taskTokens'>,
  { teacher, model }: Posed,
  ids: readonly number[],
  strategy: string,
): BakingExample {
  const given = resultPlaces(run.language, ids);
  // What tools wrote is not counted; an answer that ran out of tokens was not ended by its writer.
  return ids.length - given.length < run.taskTokens
    ? endedExample(run, { teacher, model }, ids, strategy)
    : { ...unended(run, { teacher, model }, strategy), written: ids, given };
}

/** The same of an answer that is whole. */
export function endedExample(
  run: Pick<BakingRun, 'language'>,
  posed: Posed,
  ids: readonly number[],
  strategy: string,
): BakingExample {
  const { eos } = run.language.tokenizer.special;
  const written = eos === null ? ids : [...ids, eos];
  return { ...unended(run, posed, strategy), written, given: resultPlaces(run.language, ids) };
}

function unended(
  { language }: Pick<BakingRun, 'language'>,
  { teacher, model }: Posed,
  strategy: string,
): BakingExample {
  return {
    ...{ input: model.item.question, trace: '', output: '', strategy },
    prompt: teacher.manuals.length === 0 ? null : teacher.manuals.map((line) => `${line}\n`).join(''),
    read: { teacher: promptIds(language, teacher), model: promptIds(language, model) },
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
