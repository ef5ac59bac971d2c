import type { RandomStream } from '../../core/contracts/merge.js';
import { callStart } from '../tools/index.js';
import type { BatchOptions, BatchWriter } from './batch-writer.js';
import { brokenOff, callableIds, callEnd, makeCall, type Calling, type WrittenCall } from './calls.js';
import type { SamplingOptions } from './sampling.js';
import { writableIds, type WritableIds } from './writable.js';

export interface AnswerOptions extends Calling {
  /** Most tokens that the model writes for each prompt, calls included; results are not counted. */
  readonly maxTokens: number;
  /** Absent: the likeliest tokens. `random`: the numbers for the prompt of that index. */
  readonly sampling?: SamplingOptions & { readonly random: (index: number) => RandomStream };
  /** Told how many prompts are done; what it throws ends the work. */
  readonly onAnswered?: (done: number) => void | Promise<void>;
}

/** An answer and the calls on its way. */
export interface ToolAnswer {
  /** All ids behind the prompt: text, calls and results. */
  readonly ids: readonly number[];
  readonly calls: readonly WrittenCall[];
  /** Text after the last result (without one: all of it), up to a call that was never closed. */
  readonly text: string;
}

/** What is asked of a writer. */
type Writing = Pick<BatchWriter, 'continueGreedily' | 'sample'>;

/** An answer in the making. */
interface Draft {
  readonly index: number;
  readonly prompt: readonly number[];
  /** Behind the prompt. */
  readonly ids: number[];
  readonly calls: WrittenCall[];
  /** Where in `ids` the text after the last result begins. */
  since: number;
  /** Tokens that the model may still write. */
  left: number;
}

/**
 * Continue prompts to the end of the document. Where a model closes a call, the tool is run and its result put behind it,
 * and the model goes on. After `most_calls` calls the rest is written without calls.
 *
 * @param prompts ids, each with at least one
 * @returns null where prompt, calls, results and the tokens left would be longer than the context
 */
export async function answerWithTools(
  writer: Writing,
  prompts: readonly (readonly number[])[],
  options: AnswerOptions,
): Promise<(ToolAnswer | null)[]> {
  const answers: (ToolAnswer | null)[] = prompts.map(() => null);
  const streams = options.sampling && prompts.map((_, index) => options.sampling!.random(index));
  let going = prompts.map((prompt, index): Draft => draftOf(prompt, index, options.maxTokens));
  for (let calls = 0; going.length > 0; calls++) {
    const mayCall = calls < options.facts.most_calls;
    const written = await goOn(writer, going, options, mayCall, streams);
    going = going.filter((draft, i) => {
      const ids = written[i] ?? null;
      if (ids === null) return false;
      draft.ids.push(...ids);
      draft.left -= ids.length;
      if (mayCall && ids.at(-1) === callEnd(options)) return call(draft, options);
      answers[draft.index] = finished(draft, options);
      return false;
    });
    await options.onAnswered?.(prompts.length - going.length);
  }
  return answers;
}

function draftOf(prompt: readonly number[], index: number, left: number): Draft {
  return { index, prompt, left, ids: [], calls: [], since: 0 };
}

function goOn(
  writer: Writing,
  drafts: readonly Draft[],
  options: AnswerOptions,
  mayCall: boolean,
  streams: readonly RandomStream[] | undefined,
): Promise<(number[] | null)[]> {
  const { maxTokens, tokenizer, sampling } = options;
  const limits: BatchOptions = {
    ...(mayCall ? callableIds(options) : withTags(writableIds(tokenizer), options.tags)),
    ...{ maxTokens, lengths: drafts.map(({ left }) => left), stop: tokenizer.special.eos },
    ...(mayCall && { closing: [callEnd(options)] }),
  };
  const texts = drafts.map(({ prompt, ids }) => [...prompt, ...ids]);
  if (sampling === undefined || streams === undefined) return writer.continueGreedily(texts, limits);
  const { temperature, topK, topP } = sampling;
  return writer.sample(texts, { ...limits, temperature, topK, topP }, (i) => streams[drafts[i]!.index]!);
}

function withTags({ vocabulary, never }: Required<WritableIds>, tags: readonly number[] = []) {
  return { vocabulary, never: never.filter((id) => !tags.includes(id)) };
}

/** @returns that there is more to write */
function call(draft: Draft, options: AnswerOptions): true {
  const made = makeCall(draft.ids.slice(draft.since), options);
  draft.calls.push(made.call);
  draft.ids.push(...made.result);
  draft.since = draft.ids.length;
  return true;
}

function finished({ ids, calls, since }: Draft, options: AnswerOptions): ToolAnswer {
  const rest = ids.slice(since);
  const broken = brokenOff(rest, options);
  const end = broken === null ? rest.length : callStart(rest, options.facts);
  return {
    ids,
    calls: broken === null ? calls : [...calls, broken],
    text: options.tokenizer.decode(rest.slice(0, end)),
  };
}
