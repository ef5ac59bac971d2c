import type { RandomStream } from '../../core/contracts/merge.js';
import { toolIds } from '../tools/index.js';
import { brokenOff, callableIds, callEnd, makeCall, type Calling, type WrittenCall } from './calls.js';
import type { Generator, WritingOptions, WrittenId } from './generator.js';
import { generateThinking, type ThinkingItem, type ThinkingOptions } from './thinking.js';

/** An id that was written as part of the text, a thought or a call, or that is part of a result and nobody chose. */
export interface CallingItem extends WrittenId {
  readonly kind: ThinkingItem['kind'] | 'call' | 'result';
}

/** How a text with calls is continued. */
export interface CallingOptions extends WritingOptions {
  readonly calling: Calling;
  /** Where it thinks; absent: nowhere. Within a call it never does. */
  readonly thinking?: ThinkingOptions;
  /** Told of each call as soon as it is made, and of one that the text ended within. */
  readonly onCall?: (call: WrittenCall) => void;
}

/** What is asked of a generator. */
type Reading = Pick<Generator, 'next' | 'generate' | 'contextLength'>;

/**
 * Continue a prompt, and answer the calls on the way: where the model closes one, the tool is run and its result put into
 * the text, and the model goes on. `maxTokens` counts text and calls. After `most_calls` calls the rest is written without
 * calls.
 *
 * @param options `vocabulary` and `never` are those of a text without calls, as `writableIds` says it
 * @returns `steps` of ids of a result are 0
 */
export async function* generateCalling(
  generator: Reading,
  prompt: readonly number[],
  options: CallingOptions,
  random: RandomStream,
): AsyncGenerator<CallingItem> {
  const { calling, onCall } = options;
  const tags = toolIds(calling.facts);
  const ids = [...prompt];
  let [since, left, calls, isCall] = [ids.length, options.maxTokens, 0, false];
  for (;;) {
    const mayCall = calls < calling.facts.most_calls;
    const place = { left, isCall, mayCall, isFirst: ids.length === prompt.length };
    let tag: number | null = null;
    for await (const { kind, id, steps } of turnOf(generator, ids, options, place, random)) {
      ids.push(id);
      if (kind === 'text') left--;
      if (tags.has(id)) tag = id;
      yield { kind: isCall || tag !== null ? 'call' : kind, id, steps };
      if (tag !== null) break;
    }
    if (tag === null) break;
    isCall = true;
    if (tag !== callEnd(calling)) continue;
    const { call, result } = makeCall(ids.slice(since), calling);
    onCall?.(call);
    for (const id of result) yield { kind: 'result', id, steps: 0 };
    ids.push(...result);
    [since, isCall] = [ids.length, false];
    calls++;
  }
  const broken = brokenOff(ids.slice(since), calling);
  if (broken !== null) onCall?.(broken);
}

/** Where in a text the model goes on. */
interface Place {
  /** Tokens that it may still write. */
  readonly left: number;
  readonly mayCall: boolean;
  /** Within a call. */
  readonly isCall: boolean;
  /** Nothing was written yet. */
  readonly isFirst: boolean;
}

/** What the model writes from here, to the end of the text if nobody breaks it off. */
function turnOf(
  generator: Reading,
  ids: readonly number[],
  { calling, thinking, ...options }: CallingOptions,
  { left, mayCall, isCall, isFirst }: Place,
  random: RandomStream,
): AsyncIterable<ThinkingItem> {
  const writing = { ...options, ...(mayCall && callableIds(calling)), maxTokens: left };
  if (thinking === undefined || isCall) return plainly(generator.generate(ids, writing, random));
  const atStart = isFirst && (thinking.atStart ?? false);
  const outside = { ...thinking, atStart, never: [...toolIds(calling.facts)] };
  return generateThinking(generator, ids, { ...writing, thinking: outside }, random);
}

/** A text without thoughts. */
export async function* plainly(written: AsyncIterable<WrittenId>): AsyncGenerator<ThinkingItem> {
  for await (const item of written) yield { kind: 'text', ...item };
}
