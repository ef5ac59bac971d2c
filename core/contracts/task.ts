import type { Logger } from './logger.js';
import type { RandomStream } from './merge.js';
import { defineFor } from './plugin.js';
import { createToken } from './token.js';
import type { Difficulty, TaskSide } from './tool.js';

/** The call that a task needs. */
export interface TaskTool {
  readonly name: string;
  readonly args: string;
  /** What the tool says. */
  readonly result: string;
}

/** One question with an answer that can be checked. JSON. */
export interface TaskItem {
  /** Hash of what is asked: the same question has the same one. */
  readonly id: string;
  /** Name of the generator that made it. */
  readonly generator: string;
  /** What is mastered or not: a kind of question of the generator, such as `sum`. */
  readonly concept: string;
  readonly difficulty: Difficulty;
  readonly side: TaskSide;
  /** The question alone, one line. */
  readonly question: string;
  /** What is to be answered. */
  readonly answer: string;
  /** What may stand between question and answer: tagged thoughts without the outer marks' text (`<step>2+4=6`); null: nothing. */
  readonly thought: string | null;
  /** Name of the checker that judges answers. */
  readonly checker: string;
  /** Null: it needs none. */
  readonly tool: TaskTool | null;
  /** Where it comes from: `generated`, or the name of what wrote it. */
  readonly source: string;
}

export interface TaskSpec {
  readonly difficulty: Difficulty;
  readonly side: TaskSide;
  /** Only this concept; absent: any. */
  readonly concept?: string;
}

/** What a generator may prepare itself with. */
export interface TaskPreparation {
  /** Folder of its own for what it need not do twice. */
  readonly cache: string;
  readonly log: Logger;
  readonly seed: number;
  /** About how many different questions it will be asked for. */
  readonly count: number;
}

/** Makes questions of any difficulty. The same spec and random numbers give the same item. */
export interface TaskGenerator {
  /** Kinds of questions that are mastered one by one. */
  readonly concepts: readonly string[];
  generate(spec: TaskSpec, random: RandomStream): TaskItem;
  /** Another question of the same concept, difficulty and side, with its own answer. */
  variant(item: TaskItem, random: RandomStream): TaskItem;
  /** A hint, one line: 1 names the area, 2 the rule, 3 the first step; null: there is no further one. */
  hint(item: TaskItem, level: number): string | null;
  /**
   * What must be done before the first question and takes time, such as fetching questions; absent: nothing. Whoever uses a
   * generator awaits it once. With the same context and cache the questions after it are the same.
   */
  prepare?(context: TaskPreparation): Promise<void>;
}

export const TASK_GENERATOR = createToken<TaskGenerator>('task-generator', {
  concepts: 'list',
  generate: 'function',
  variant: 'function',
  hint: 'function',
  prepare: 'function?',
});
/** Define a generator of questions. */
export const defineTaskGenerator = defineFor(TASK_GENERATOR);

/** Judges what a model wrote after a question. */
export interface Checker {
  /** @param written the answer, without thoughts, calls and results */
  check(written: string, item: Pick<TaskItem, 'answer' | 'question' | 'tool'>): boolean;
}

export const CHECKER = createToken<Checker>('checker', { check: 'function' });
/** Define a checker of answers. */
export const defineChecker = defineFor(CHECKER);
