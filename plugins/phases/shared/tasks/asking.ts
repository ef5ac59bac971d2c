import { CHECKER } from '../../../../core/contracts/task.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import { THOUGHT_TAGS } from '../../../../core/contracts/thoughts.js';
import type { Tool } from '../../../../core/contracts/tool.js';
import {
  answerWithTools,
  writableIds,
  type BatchOptions,
  type AnswerOptions,
  type BatchWriter,
  type BatchWriters,
  type ToolAnswer,
  type WrittenCall,
} from '../../../../nn/generation/index.js';
import { tagId, ToolRuntime, type ToolCounts } from '../../../../nn/tools/index.js';
import { generatorOptions } from '../evaluation/sample.js';
import type { LiveModel } from '../model/open.js';
import { promptIds, UNKNOWN, type Asked, type TaskLanguage } from './prompts.js';

/** What tasks are asked with. */
export interface Asking {
  readonly ctx: Pick<PhaseContext, 'engine' | 'resolve'>;
  readonly language: TaskLanguage;
  /** Tools that may be called, by name. */
  readonly tools: ReadonlyMap<string, Tool>;
  /** Ids of the tags of thoughts; empty where the model was not taught to think. */
  readonly thinkingTags: Readonly<Record<string, number>>;
  /** Most tokens that are written for a task, thoughts and calls included. */
  readonly taskTokens: number;
  readonly writers: BatchWriters;
}

/** A task as a model answered it. */
export interface Answered {
  readonly asked: Asked;
  /** Everything it wrote, with what tools said; null: prompt and answer are longer than the context. */
  readonly ids: readonly number[] | null;
  /** What follows the last thought and the last result. */
  readonly text: string;
  readonly calls: readonly WrittenCall[];
  /** The answer is right, and where a tool is needed it was called rightly. */
  readonly right: boolean;
  /** The first call is that of the right tool, could be read and gave the expected result. */
  readonly called: boolean;
}

/** Tasks with answers, and what tools were asked on the way. */
export interface Answers {
  readonly answers: readonly Answered[];
  readonly counts: ToolCounts;
}

/** How tasks are answered otherwise than usual. */
export interface AskingOptions {
  /** No thought is opened: whether it calls without a manual is its own choice. */
  readonly free?: boolean;
  /** Temperature, and the numbers for the task of an index; absent: the likeliest tokens. */
  readonly sampling?: Pick<NonNullable<AnswerOptions['sampling']>, 'temperature' | 'random'>;
}

/**
 * Let a model answer tasks, greedily if nothing else is said. Without a manual in front it thinks first, as it does where it is used; with one it
 * chooses itself whether to call, to think or to answer.
 * @param told how many are done
 */
export async function ask(
  run: Asking,
  model: LiveModel,
  asked: readonly Asked[],
  told: (done: number) => void | Promise<void> = () => undefined,
  { free = false, sampling }: AskingOptions = {},
): Promise<Answers> {
  const writer = run.writers.of(await generatorOptions(run.ctx, model));
  const runtime = new ToolRuntime(run.tools);
  const open = run.thinkingTags[THOUGHT_TAGS[0]];
  const opened = asked.map(({ manuals }) => (free || manuals.length > 0 || open === undefined ? [] : [open]));
  const prompts = asked.map((one, i) => [...promptIds(run.language, one), ...opened[i]!]);
  const { tokenizer, tools: facts } = run.language;
  const tags = Object.values(run.thinkingTags);
  const limits = {
    ...{ maxTokens: run.taskTokens, onAnswered: told },
    ...(sampling === undefined ? {} : { sampling: { ...sampling, topK: null, topP: null } }),
  };
  const written =
    facts === null
      ? await answerPlainly(writer, prompts, { ...limits, tokenizer, tags })
      : await answerWithTools(writer, prompts, { ...limits, facts, tokenizer, runtime, tags });
  const all = written.map((one, i) => one && { ...one, ids: [...opened[i]!, ...one.ids] });
  return { answers: asked.map((one, i) => judged(run, one, all[i] ?? null)), counts: runtime.counts };
}

/** The same of a model that knows no tools. */
async function answerPlainly(
  writer: BatchWriter,
  prompts: readonly (readonly number[])[],
  {
    tokenizer,
    tags,
    sampling,
    ...limits
  }: Pick<AnswerOptions, 'tokenizer' | 'maxTokens' | 'sampling' | 'onAnswered'> & { tags: readonly number[] },
): Promise<(Pick<ToolAnswer, 'ids' | 'calls'> | null)[]> {
  const { vocabulary, never } = writableIds(tokenizer);
  const allowed = { vocabulary, never: never.filter((id) => !tags.includes(id)) };
  const options: BatchOptions = { ...limits, ...allowed, stop: tokenizer.special.eos };
  const all =
    sampling === undefined
      ? await writer.continueGreedily(prompts, options)
      : await writer.sample(prompts, { ...options, ...sampling }, sampling.random);
  return all.map((ids) => (ids === null ? null : { ids, calls: [] }));
}

function judged(
  { ctx, language, thinkingTags }: Pick<Asking, 'ctx' | 'language' | 'thinkingTags'>,
  asked: Asked,
  answer: Pick<ToolAnswer, 'ids' | 'calls'> | null,
): Answered {
  const { item } = asked;
  if (answer === null) return { asked, ids: null, text: '', calls: [], right: false, called: false };
  const text = language.tokenizer.decode(afterThoughts(answer.ids, { language, thinkingTags }));
  const [first] = answer.calls;
  const called =
    item.tool !== null &&
    first?.name === item.tool.name &&
    first.outcome.ok &&
    first.outcome.text === item.tool.result;
  const answered = ctx.resolve(CHECKER, item.checker).check(text, item);
  return {
    ...{ asked, ids: answer.ids, text, calls: answer.calls, called },
    right: answered && (item.tool === null || called),
  };
}

/** Whether a model said that it does not know. */
export function saysUnknown({ text, calls }: Answered): boolean {
  return calls.length === 0 && text.trim().replace(/^####\s*/, '') === UNKNOWN;
}

/** What was written for the reader: behind the last result and the last thought. */
function afterThoughts(
  ids: readonly number[],
  { language, thinkingTags }: Pick<Asking, 'language' | 'thinkingTags'>,
): readonly number[] {
  const ends = [
    thinkingTags[THOUGHT_TAGS[1]],
    ...(language.tools === null ? [] : [tagId(language.tools, '<|/result|>')]),
  ];
  return ids.slice(Math.max(...ends.map((id) => (id === undefined ? -1 : ids.lastIndexOf(id)))) + 1);
}
