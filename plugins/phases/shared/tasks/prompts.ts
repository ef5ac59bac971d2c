import { ANSWER_CUE, questionLine, turnText } from '../../../../core/contracts/question.js';
import type { TaskItem } from '../../../../core/contracts/task.js';
import type { ToolFacts } from '../../../../core/contracts/tool.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import type { Document } from '../../../../nn/data/index.js';
import { callIds, resultIds, tagId } from '../../../../nn/tools/index.js';

/** A task with what stands around its question. JSON. */
export interface Asked {
  readonly item: TaskItem;
  /** Lines in front of the question; a tool's tag in them is its token. */
  readonly manuals: readonly string[];
  readonly hint: string | null;
  /** Earlier turns of the conversation, the first one first; absent: none. */
  readonly turns?: readonly Turn[];
}

/** A question with the answer that was given, without thoughts and calls. JSON. */
export interface Turn {
  readonly question: string;
  /** As it followed `Answer:`. */
  readonly answer: string;
}

/** How a task is answered: with its call, after its thought, at once, or by saying that the answer is not known. */
export type Way = 'call' | 'thought' | 'direct' | 'unknown';

/** What a model says that has no tool for what it cannot know. */
export const UNKNOWN = 'unknown';

/** What texts of tasks are made with. */
export interface TaskLanguage {
  readonly tokenizer: Tokenizer;
  /** Null: the model knows no tools. */
  readonly tools: ToolFacts | null;
}

/** A line in front of a question: tags in it are their tokens. */
export function lineIds(tokenizer: Pick<Tokenizer, 'encode'>, line: string): number[] {
  return tokenizer.encode(`${line}\n`, { specials: true });
}

/** Ids of everything up to the answer: manuals, earlier turns, question and hint, in the one form of questions. */
export function promptIds({ tokenizer }: TaskLanguage, { item, manuals, hint, turns = [] }: Asked): number[] {
  const { bos } = tokenizer.special;
  const tagged = (text: string): number[] => tokenizer.encode(text, { specials: true });
  return [
    ...(bos === null ? [] : [bos]),
    ...manuals.flatMap((manual) => lineIds(tokenizer, manual)),
    ...turns.flatMap(({ question, answer }) => tokenizer.encode(turnText(question, answer))),
    ...tokenizer.encode(questionLine(item.question)),
    ...(hint === null ? [] : tagged(`Hint: ${hint}\n`)),
    ...tokenizer.encode(ANSWER_CUE),
  ];
}

/** The reference answer, to be learnt after its prompt: what a tool says is read and never learnt. */
export function referenceDocument(language: TaskLanguage, asked: Asked, way: Way): Document {
  return documentOf(language, asked, referenceIds(language, asked.item, way));
}

/** Prompt and answer; learnt are the ids of the answer that no tool wrote. @param answer without the end of the document */
export function documentOf(language: TaskLanguage, asked: Asked, answer: readonly number[]): Document {
  const prompt = promptIds(language, asked);
  const { eos } = language.tokenizer.special;
  const ids = Int32Array.from([...prompt, ...answer, ...(eos === null ? [] : [eos])]);
  const lossMask = new Uint8Array(ids.length).fill(1, prompt.length);
  for (const place of resultPlaces(language, answer)) lossMask[prompt.length + place] = 0;
  return { ids, lossMask };
}

/** Places of an answer that a tool wrote, the tags around included. */
export function resultPlaces({ tools }: TaskLanguage, answer: readonly number[]): number[] {
  if (tools === null) return [];
  const [start, end] = [tagId(tools, '<|result|>'), tagId(tools, '<|/result|>')];
  const places: number[] = [];
  let inside = false;
  for (const [place, id] of answer.entries()) {
    if (id === start) inside = true;
    if (inside) places.push(place);
    if (id === end) inside = false;
  }
  return places;
}

function referenceIds({ tokenizer, tools }: TaskLanguage, item: TaskItem, way: Way): number[] {
  const answer = (text: string): number[] => tokenizer.encode(` #### ${text}`);
  const tagged = (text: string): number[] => tokenizer.encode(text, { specials: true });
  if (way === 'unknown') return [...tagged('<think></think>'), ...answer(UNKNOWN)];
  if (way === 'call') {
    const { name, args, result } = item.tool!;
    return [
      ...callIds(tools!, name, tokenizer.encode(args)),
      ...resultIds(tools!, tokenizer, result),
      ...answer(item.answer),
    ];
  }
  if (way === 'direct' || item.thought === null) return answer(item.answer);
  return [...tagged(`<think>${item.thought}</think>`), ...answer(item.answer)];
}
