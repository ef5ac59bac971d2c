import type { RandomStream } from './merge.js';
import { defineFor } from './plugin.js';
import { createToken } from './token.js';

/**
 * The marks of a tool call, in the order of their ids behind a vocabulary. A model writes
 * `<|tool|>` NAME `<|args|>` text `<|/tool|>`; the runtime goes on with `<|result|>` text `<|/result|>`, which is never
 * learnt. NAME is one token per tool: {@link toolNameTag}.
 */
export const TOOL_TAGS = ['<|tool|>', '<|args|>', '<|/tool|>', '<|result|>', '<|/result|>'] as const;

export type ToolTag = (typeof TOOL_TAGS)[number];

/** The token that names a tool, in calls and in manuals. */
export function toolNameTag(name: string): string {
  return `<|${name}|>`;
}

/** Bounds of one call. A tool that would pass one of them stops and says so. */
export interface ToolLimits {
  /** Elementary steps of an interpreter, or records looked at. */
  readonly steps: number;
  /** Characters of the result; what is longer is cut. */
  readonly characters: number;
  /** Numbers and texts that a program may hold at a time. */
  readonly cells: number;
}

/** Why a call gave no result. `syntax`: cannot be read; `forbidden`: asks for what no tool gives. */
export type ToolFailure = 'syntax' | 'not-found' | 'arithmetic' | 'limit' | 'forbidden';

export type ToolOutcome =
  | { readonly ok: true; readonly text: string; /** Its end was cut off. */ readonly cut?: boolean }
  | { readonly ok: false; readonly failure: ToolFailure; readonly message: string };

/** Which side of a split a task is made for: the two share neither arguments nor wordings. */
export type TaskSide = 'train' | 'held-out';

/** How hard a task is to be, 1 (easiest) to 100. */
export type Difficulty = number;

/** A question that needs a tool. Its result is what {@link Tool.run} gives for `args`. */
export interface ToolQuestion {
  readonly question: string;
  readonly args: string;
}

/** What a model reads of a tool before a question. Every text is one line. */
export interface ToolManual {
  /** Wordings to train on; each names the tool by its tag. At least two. */
  readonly wordings: readonly string[];
  /** Wordings that are only measured with. At least one. */
  readonly heldOut: readonly string[];
  /** A few words: what the manual fades to. */
  readonly short: string;
}

/**
 * Something a model may call while it writes. A tool is a pure function of its options and the text it is given: it reaches
 * no file, no network and no process, the same arguments give the same result, and it ends by its own limits.
 */
export interface Tool {
  readonly manual: ToolManual;
  /** Never throws for any text: what cannot be done is an outcome. */
  run(args: string, limits: ToolLimits): ToolOutcome;
  /** A question that this tool answers; absent: nobody can train a model to use it. */
  ask?(random: RandomStream, difficulty: Difficulty, side: TaskSide): ToolQuestion;
}

export const TOOL = createToken<Tool>('tool', { run: 'function', ask: 'function?' });
/** Define a tool that models may call. */
export const defineTool = defineFor(TOOL);

/** How a model that was taught to call tools does so. */
export interface ToolFacts {
  /** Ids of {@link TOOL_TAGS} by their text. */
  readonly tags: Readonly<Record<string, number>>;
  /** Id of the token that names each tool, by the tool's name. */
  readonly names: Readonly<Record<string, number>>;
  /** Most tokens of the arguments of a call. */
  readonly most_arguments: number;
  /** Most calls in one answer. */
  readonly most_calls: number;
  /** Names of the tools that it calls without their manuals; absent: none. */
  readonly unprompted?: readonly string[];
}
