import type { BatchWriters } from '../../../../nn/generation/index.js';
import { callIds } from '../../../../nn/tools/index.js';
import { toolTasks } from '../../../../plugins/generators/index.js';
import { prepare, type CurriculumRun } from '../../../../plugins/phases/curriculum/prepare.js';
import { completeOptions, withTernary, type Options } from './support.js';

/** What a student makes of a question, by its sum and whether a manual stands in front of it; null: nothing is written. */
export type Student = (question: {
  /** The sum that stands in it. */
  readonly sum: string;
  readonly value: number;
  readonly manual: boolean;
  /** Asked in the words of held-out sums. */
  readonly heldOut: boolean;
  /** A tool has answered already: what it said. */
  readonly result: string | null;
}) => { readonly call: string } | { readonly text: string } | null;

/** Answers rightly, and calls the calculator where its manual is there. */
export const oracle: Student = ({ sum, value, manual, result }) => {
  if (result !== null) return { text: ` #### ${result}` };
  return manual ? { call: sum } : { text: ` #### ${value}` };
};

/** Says something else than the answer. */
export const ignorant: Student = ({ value }) => ({ text: ` #### ${value + 1}` });

/** Sums, and questions for the calculator: what a student of the tests can read. */
const SUMS: Options = {
  tasks: { generators: ['arithmetic-tasks/sum'], hints: true },
  tools: { generator: 'tool-tasks', manuals: 1 },
};

/** The phase, prepared: its models are to be replaced by students. */
export function withSums<T>(use: (run: CurriculumRun) => Promise<T>, options: Options = {}): Promise<T> {
  const tools = toolTasks({ tools: ['calculator'] });
  return withTernary(
    async (ctx, handoff) => {
      const run = await prepare(ctx, await completeOptions({ ...SUMS, ...options }), handoff);
      try {
        return await use(run);
      } finally {
        await run.writers.dispose();
      }
    },
    [tools],
  );
}

/** With a student in place of every model. */
export function as(student: Student, run: CurriculumRun): CurriculumRun {
  return { ...run, writers: writersOf(run, student) };
}

function writersOf(run: CurriculumRun, student: Student): BatchWriters {
  const continueGreedily = (prompts: readonly (readonly number[])[]) =>
    Promise.resolve(prompts.map((prompt) => written(run, student, prompt)));
  const nothing = (): Promise<void> => Promise.resolve();
  return { of: () => ({ continueGreedily }), release: nothing, dispose: nothing } as unknown as BatchWriters;
}

/** A sum of whole numbers, with brackets and fractions where the calculator is asked. */
const SUM = /[\d(][\d+\-*/()]*[\d)]/;

const HELD_OUT = /Question: (How much is|Find) /;

function written(run: CurriculumRun, student: Student, prompt: readonly number[]): number[] {
  const { tokenizer, tools } = run.language;
  const text = tokenizer.decode(prompt);
  const start = text.indexOf('Question:');
  const question = text.slice(start);
  const sum = SUM.exec(inSigns(question))![0];
  const answer = student({
    ...{ sum, value: valueOf(sum), manual: text.slice(0, start).includes('\n') },
    ...{ heldOut: HELD_OUT.test(question), result: resultIn(run, prompt) },
  });
  if (answer === null) return [];
  if ('call' in answer) return callIds(tools!, 'calculator', tokenizer.encode(answer.call));
  // A thought that was opened for it is closed first.
  const { '<think>': open, '</think>': close } = run.facts.thinking_tokens;
  return [...(prompt.at(-1) === open ? [close!] : []), ...tokenizer.encode(answer.text)];
}

const SIGNS: Readonly<Record<string, string>> = { plus: '+', minus: '-', times: '*', 'divided by': '/' };

/** The calculator is asked in words, too. */
function inSigns(question: string): string {
  return question.replace(/ (plus|minus|times|divided by) /g, (_, word: string) => SIGNS[word]!);
}

function resultIn(
  { language: { tokenizer, tools } }: CurriculumRun,
  prompt: readonly number[],
): string | null {
  if (tools === null) return null;
  const [start, end] = ['<|result|>', '<|/result|>'].map((tag) => prompt.lastIndexOf(tools.tags[tag]!));
  return start! < 0 ? null : tokenizer.decode(prompt.slice(start! + 1, end));
}

/** From left to right, whole numbers and two signs: what tasks without a tool ask. */
function valueOf(sum: string): number {
  return [...sum.matchAll(/[+-]?\d+/g)].reduce((value, [part]) => value + Number(part), 0);
}
