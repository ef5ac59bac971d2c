import type { ThoughtFacts } from '../../core/contracts/data-facts.js';
import type { RandomStream } from '../../core/contracts/merge.js';
import { normalisedEntropy } from './entropy.js';
import type { Generator, WritingOptions, WrittenId } from './generator.js';
import { argMax, sampleToken, type SamplingOptions } from './sampling.js';
import { writableLogits } from './writable.js';

/** When and how a model thinks while it writes. */
export interface ThinkingOptions {
  /** Ids of the marks around a thought: written by force, never chosen as text. */
  readonly start: number;
  readonly end: number;
  /** Ids that a thought may hold besides those of text: tags of strategies. */
  readonly tags: readonly number[];
  /** Ids that a thought does not hold, though a text may: those of calls. */
  readonly never?: readonly number[];
  /** Most tokens between the marks. */
  readonly length: number;
  /** Think before a token whose normalised entropy is above it. */
  readonly threshold: number;
  /** Fewest tokens of text between two thoughts. */
  readonly minInterval: number;
  /**
   * Think before the first token, however easy it is. `chosen`: where the model would rather open a thought than write
   * anything else. Default false.
   */
  readonly atStart?: boolean | 'chosen';
  /** How thoughts are chosen; default greedy, as they are evaluated (Zelikman et al. 2024). */
  readonly sampling?: SamplingOptions;
}

/** What is asked of a generator. */
type Reading = Pick<Generator, 'next' | 'contextLength'>;

/** An id that was written, as part of the text or of a thought. */
export interface ThinkingItem extends WrittenId {
  readonly kind: 'text' | 'thought';
}

const GREEDY: SamplingOptions = { temperature: 0, topK: null, topP: null };

/** What the record of a model says of its thoughts, as options. */
export function thinkingOf({ start, end, tags, ...facts }: ThoughtFacts): ThinkingOptions {
  const strategies = Object.values(tags).filter((id) => id !== start && id !== end);
  const { length, threshold, min_interval: minInterval } = facts;
  return { start, end, tags: strategies, length, threshold, minInterval };
}

/**
 * Continue a prompt and think on the way: before a token that the model is in doubt of, it writes the opening mark, up to
 * `length` tokens of a thought and the closing mark, then the token. A thought stays in what the model sees; `maxTokens`
 * counts the text alone. The closing mark is written by force when the model has not chosen it.
 *
 * @param options `never` holds the thought tags, as `writableIds` says it
 * @returns `steps` of a mark that no pass chose are 0
 */
export async function* generateThinking(
  generator: Reading,
  prompt: readonly number[],
  options: WritingOptions & { readonly thinking: ThinkingOptions },
  random: RandomStream,
): AsyncGenerator<ThinkingItem> {
  const { thinking, maxTokens, stop } = options;
  const ids = prompt.slice(-generator.contextLength);
  let since = Infinity;
  for (let written = 0; written < maxTokens; written++) {
    let said = await generator.next(ids);
    const isDue = since >= thinking.minInterval && wantsThought(said.logits, written === 0, options);
    if (isDue) {
      yield* think(generator, ids, said.steps, options, random);
      since = 0;
      said = await generator.next(ids);
    }
    const id = sampleToken(writableLogits(said.logits, options), options, random);
    if (id === stop) return;
    ids.push(id);
    since++;
    yield { kind: 'text', id, steps: said.steps };
  }
}

function wantsThought(
  logits: Float32Array,
  isFirst: boolean,
  options: WritingOptions & { readonly thinking: ThinkingOptions },
): boolean {
  const { atStart = false, start } = options.thinking;
  if (!isFirst || atStart === false) return isDoubtful(logits, options);
  if (atStart === true) return true;
  const never = options.never?.filter((id) => id !== start);
  return argMax(writableLogits(logits, { vocabulary: options.vocabulary, never })) === start;
}

function isDoubtful(
  logits: Float32Array,
  { vocabulary = logits.length, never, thinking }: WritingOptions & { readonly thinking: ThinkingOptions },
): boolean {
  return normalisedEntropy(logits, { vocabulary, never }) > thinking.threshold;
}

/** One thought with its marks, put behind `ids`. @param steps that the pass took which saw the doubt */
async function* think(
  generator: Reading,
  ids: number[],
  steps: number,
  options: WritingOptions & { readonly thinking: ThinkingOptions },
  random: RandomStream,
): AsyncGenerator<ThinkingItem> {
  const { start, end, length, sampling = GREEDY } = options.thinking;
  const thinkable = { vocabulary: options.vocabulary, never: neverInThoughts(options) };
  ids.push(start);
  yield { kind: 'thought', id: start, steps };
  for (let i = 0; i < length; i++) {
    const said = await generator.next(ids);
    const id = sampleToken(writableLogits(said.logits, thinkable), sampling, random);
    ids.push(id);
    yield { kind: 'thought', id, steps: said.steps };
    if (id === end) return;
  }
  ids.push(end);
  yield { kind: 'thought', id: end, steps: 0 };
}

/** A thought may close and name its strategy; it neither opens another nor ends the document. */
function neverInThoughts({
  never = [],
  stop,
  thinking: { start, end, tags, never: outside = [] },
}: WritingOptions & { readonly thinking: ThinkingOptions }): number[] {
  const allowed = new Set([end, ...tags]);
  const banned = never.filter((id) => !allowed.has(id));
  return [...new Set([...banned, ...outside, start, ...(stop === null ? [] : [stop])])];
}
