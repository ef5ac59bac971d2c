import type { TaskItem } from '../../../../core/contracts/task.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import type { BatchWriter, BatchWriters, GeneratorOptions } from '../../../../nn/generation/index.js';
import { callIds } from '../../../../nn/tools/index.js';
import type { BakingRun } from '../../../../plugins/phases/baking/prepare.js';
import { afresh } from './support.js';

/** What a student is asked. */
export interface Question {
  readonly item: TaskItem;
  /** Lines in front of the question, tags included; empty where there are none. */
  readonly front: string;
  /** Earlier turns of the conversation. */
  readonly turns: number;
  /** Tokens that are read, calls and results included. */
  readonly length: number;
  /** A tool has answered already: what it said. */
  readonly result: string | null;
  /** Of the model that is asked. */
  readonly weights: TensorDict;
  /** Where its answer is drawn: the temperature, and the first number for it; null: it writes what is likeliest. */
  readonly drawn: { readonly temperature: number; readonly number: number } | null;
}

/** What it makes of a question: a call, an answer, or nothing. */
export type Student = (
  question: Question,
) => { readonly call: string; readonly args: string } | { readonly text: string } | null;

/** Calls the tool that the question needs, and answers rightly. */
export const able: Student = ({ item, result }) => {
  if (item.tool !== null && result === null) return { call: item.tool.name, args: item.tool.args };
  return { text: ` #### ${item.answer}` };
};

/** Answers what needs no tool, and knows none. */
export const unable: Student = ({ item }) => ({ text: item.tool === null ? ` #### ${item.answer}` : ' no' });

/** Does with a text in front what one student does, and without what another does. */
export function behind(told: Student, untold: Student): Student {
  return (question) => (question.front === '' ? untold : told)(question);
}

/**
 * The run with a student in place of every model. It knows the tasks that the run asks.
 * @param other what it writes to what is no question
 */
export function as(student: Student, run: BakingRun, other = ''): ReturnType<typeof afresh> {
  const items = new Map<string, TaskItem>();
  const known = (drawn: readonly TaskItem[]): TaskItem[] =>
    drawn.map((item) => {
      items.set(item.question, item);
      return item;
    });
  const { book } = run;
  const drawing = {
    calls: (...wanted: Parameters<typeof book.calls>) => known(book.calls(...wanted)),
    questions: (...wanted: Parameters<typeof book.questions>) => known(book.questions(...wanted)),
  } as unknown as BakingRun['book'];
  return { ...afresh(run), book: drawing, writers: writersOf(run, items, student, other) };
}

function writersOf(
  run: BakingRun,
  items: ReadonlyMap<string, TaskItem>,
  student: Student,
  other: string,
): BatchWriters {
  const nothing = (): Promise<void> => Promise.resolve();
  const of = ({ weights }: GeneratorOptions) => {
    const write = (prompt: readonly number[], drawn: Question['drawn']): number[] | null =>
      written(run, prompt, { items, student, weights, other, drawn });
    const writer: Pick<BatchWriter, 'continueGreedily' | 'sample'> = {
      continueGreedily: async (prompts) => prompts.map((prompt) => write(prompt, null)),
      sample: async (prompts, { temperature }, random) =>
        prompts.map((prompt, i) => write(prompt, { temperature, number: random(i).uniform() })),
    };
    return writer;
  };
  return { of, release: nothing, dispose: nothing } as unknown as BatchWriters;
}

const QUESTION = 'Question: ';
const ANSWER = '\nAnswer:';

interface Asked extends Pick<Question, 'weights' | 'drawn'> {
  readonly items: ReadonlyMap<string, TaskItem>;
  readonly student: Student;
  readonly other: string;
}

function written(
  { language }: BakingRun,
  prompt: readonly number[],
  { items, student, weights, other, drawn }: Asked,
): number[] | null {
  const { tokenizer, tools } = language;
  const { bos } = tokenizer.special;
  const text = tokenizer.decode(prompt[0] === bos ? prompt.slice(1) : prompt, { specials: true });
  const start = text.lastIndexOf(QUESTION);
  const end = text.indexOf(ANSWER, start);
  const item = items.get(text.slice(start + QUESTION.length, end));
  if (item === undefined) return tokenizer.encode(other);
  const front = text.slice(0, text.indexOf(QUESTION)).trim();
  const turns = text.split(QUESTION).length - 2;
  const answer = student({
    ...{ item, weights, drawn, front, turns },
    ...{ length: prompt.length, result: resultIn(text.slice(end)) },
  });
  if (answer === null) return null;
  return 'call' in answer
    ? callIds(tools!, answer.call, tokenizer.encode(answer.args))
    : tokenizer.encode(answer.text);
}

function resultIn(answer: string): string | null {
  const [start, end] = ['<|result|>', '<|/result|>'].map((tag) => answer.lastIndexOf(tag)) as [
    number,
    number,
  ];
  return start < 0 ? null : answer.slice(start + '<|result|>'.length, end).trim();
}
