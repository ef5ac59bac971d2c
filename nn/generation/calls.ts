import type { ToolFacts } from '../../core/contracts/tool.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import {
  callStart,
  readCall,
  resultIds,
  resultText,
  tagId,
  type CallFlaw,
  type CallOutcome,
  type ToolRuntime,
} from '../tools/index.js';
import { writableIds, type WritableIds } from './writable.js';

/** What calls in a text are written, read and answered with. */
export interface Calling {
  readonly facts: ToolFacts;
  readonly tokenizer: Tokenizer;
  readonly runtime: ToolRuntime;
  /** Further tags that may be written: those of thoughts, by a model that thinks before it calls. Absent: none. */
  readonly tags?: readonly number[];
}

/** A call that a model wrote, and what came of it. */
export interface WrittenCall {
  /** Null where what was written is no call. */
  readonly name: string | null;
  /** As text; empty where what was written is no call. */
  readonly args: string;
  readonly outcome: CallOutcome;
  /** What the model was told; null where its text ended before it could be told anything. */
  readonly result: string | null;
}

/** Why ids are no call, in words. */
const FLAWS: Readonly<Record<CallFlaw, string>> = {
  unopened: 'a tag of calls outside of a call',
  unnamed: 'no name of a tool',
  'no-arguments': 'no mark before the arguments',
  'stray-tag': 'a tag among the arguments',
  'too-long': 'too many tokens of arguments',
  unclosed: 'the text ended within the call',
};

/** Ids that a text with calls may be made of: those of any text, and what calls are written with; never a result. */
export function callableIds({
  facts,
  tokenizer,
  tags = [],
}: Omit<Calling, 'runtime'>): Required<WritableIds> {
  const { vocabulary, never } = writableIds(tokenizer);
  const marks = [tagId(facts, '<|tool|>'), tagId(facts, '<|args|>'), tagId(facts, '<|/tool|>')];
  const callable = new Set([...marks, ...Object.values(facts.names), ...tags]);
  return { vocabulary, never: never.filter((id) => !callable.has(id)) };
}

/** Id that ends a call, and with it the model's turn. */
export function callEnd({ facts }: Pick<Calling, 'facts'>): number {
  return tagId(facts, '<|/tool|>');
}

/**
 * Makes the call that a text ends with.
 *
 * @param written ids since the last result, up to and with the end of the call
 * @returns what is to follow in the text: the result between its tags. Tags that the result spells are text
 */
export function makeCall(
  written: readonly number[],
  { facts, tokenizer, runtime }: Calling,
): { readonly call: WrittenCall; readonly result: number[] } {
  const read = readCall(written.slice(callStart(written, facts)), facts);
  const args = read.ok ? tokenizer.decode(read.args) : '';
  const outcome = read.ok ? runtime.call(read.name, args) : runtime.refuse(FLAWS[read.flaw]);
  const text = resultText(outcome);
  const call = { name: read.ok ? read.name : null, args, outcome, result: text };
  return { call, result: resultIds(facts, tokenizer, text) };
}

/** The failed call of a text that ended within one; null: it ended outside. @param written ids since the last result */
export function brokenOff(
  written: readonly number[],
  { facts, runtime }: Omit<Calling, 'tokenizer'>,
): WrittenCall | null {
  if (callStart(written, facts) < 0) return null;
  return { name: null, args: '', outcome: runtime.refuse(FLAWS.unclosed), result: null };
}
