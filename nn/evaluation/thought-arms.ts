import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { fillerThoughts, otherItems, randomThoughts, thoughtsOfOthers } from './placebos.js';
import { stream } from '../random/index.js';
import type { Writer, WritingLimits } from './thought-writer.js';

/** A question whose answer can be graded. */
export interface ThoughtItem {
  /** Ids to continue, the start of a document included. */
  readonly promptIds: readonly number[];
  /** Items of one family are alike: a thought of another of them is the hardest placebo. */
  readonly family?: string;
  grade(answer: string): boolean;
}

/**
 * Ways to an answer. `with`: after the model's own thought; `without`: straight after the prompt. Placebos: after the
 * thought of another item (`other`), random ids (`random`) or one id repeated (`filler`), as long as the own one.
 * `control`: straight after the prompt by another model, one of the same compute that was trained without thoughts.
 */
export const ARMS = ['with', 'without', 'other', 'random', 'filler', 'control'] as const;
export type ArmName = (typeof ARMS)[number];

/** One answer. JSON. */
export interface ArmAnswer {
  readonly right: boolean;
  readonly answer: string;
  /** It did not come to an end within the most tokens; it was graded as it was. */
  readonly cut: boolean;
  /** Text of the thought before it; null where there was none to be. */
  readonly thought: string | null;
}

/** A thought as the model wrote it. JSON. */
export interface OwnThought {
  /** Without the marks. */
  readonly ids: readonly number[];
  /** Whether the model ended it by itself; else END was put there. */
  readonly ended: boolean;
  /** What it would have written without START in front: as many ids straight after the prompt; none unless asked for. */
  readonly direct: readonly number[];
}

/** How a model did on items in every arm, each list in the order of `items`. JSON. */
export interface ThoughtArms {
  /** Indices of the items that were asked: the same ones in every arm. */
  readonly items: readonly number[];
  /** Items that were left out because prompt, thought and answer are longer than a context. */
  readonly unfit: number;
  readonly thoughts: readonly OwnThought[];
  /** `control` only where there was one; `other` only where there was more than one item. */
  readonly arms: Readonly<Partial<Record<ArmName, readonly ArmAnswer[]>>>;
}

/** How thoughts are written. */
export interface ThoughtOptions {
  readonly tokenizer: Tokenizer;
  /** Ids that begin and end a thought. */
  readonly marks: { readonly start: number; readonly end: number };
  /** Ids below it may stand in thoughts: tags too. Default: up to the higher mark. */
  readonly thoughtVocabulary?: number;
  /** Most ids of a thought. */
  readonly thoughtTokens: number;
}

export interface ThoughtArmsOptions extends ThoughtOptions {
  /** Ids below it are ordinary: all that answers may have. */
  readonly ordinary: number;
  /** Most ids of an answer. */
  readonly answerTokens: number;
  /** Of what is drawn: other items, random ids. */
  readonly seed: number;
  /** Whether to write what would stand in the place of thoughts. Default true. */
  readonly direct?: boolean;
  /** Arms that are asked; default all that there can be. */
  readonly only?: readonly ArmName[];
  /** Repeated in the `filler` arm. Default: the first id of a full stop. */
  readonly filler?: number;
  readonly control?: Writer;
  /** Told how many texts of how many are written; what it throws ends the work. */
  readonly onProgress?: (done: number, total: number) => void | Promise<void>;
}

/**
 * Ask every item in every arm. A thought is greedy, ends at END or after the most tokens, and may have tags but neither
 * START nor what the tokenizer calls special (end of text, padding); answers are greedy until the end of text.
 */
export async function answerInArms(
  writer: Writer,
  items: readonly ThoughtItem[],
  options: ThoughtArmsOptions,
): Promise<ThoughtArms> {
  const asked = fittingItems(writer, items, options);
  const chosen = asked.map((index) => items[index]!);
  const arms = armsOf(chosen, options);
  const texts = (options.direct === false ? 1 : 2) + arms.length;
  const progress = progressOf(chosen.length * texts, options);
  const thoughts = await ownThoughts(writer, chosen, options, progress);
  const answers: Partial<Record<ArmName, ArmAnswer[]>> = {};
  for (const arm of arms) {
    const before = thoughtsFor(arm, chosen, thoughts, options);
    const by = arm === 'control' ? options.control! : writer;
    answers[arm] = await answersAfter(by, chosen, before, options, progress);
  }
  return { items: asked, unfit: items.length - asked.length, thoughts, arms: answers };
}

/** Several thoughts of each prompt, drawn at temperature 1. @returns by prompt; null where one does not fit the context */
export async function sampleThoughts(
  writer: Required<Writer>,
  prompts: readonly (readonly number[])[],
  count: number,
  options: ThoughtOptions & { readonly seed: number },
): Promise<(number[][] | null)[]> {
  const { marks, seed } = options;
  const copies = prompts.flatMap((ids) => Array.from({ length: count }, () => [...ids, marks.start]));
  const limits = { ...thoughtLimits(options), stop: marks.end };
  const drawn = await writer.sample(copies, limits, (i) =>
    stream(seed, 'sampled-thought', Math.floor(i / count), i % count),
  );
  return prompts.map((_, i) => {
    const own = drawn.slice(i * count, (i + 1) * count);
    return own.every((ids) => ids !== null) ? own : null;
  });
}

/** Whoever answers with a thought must have room for the longest one, in every arm, or arms would differ in items. */
function fittingItems(
  writer: Writer,
  items: readonly ThoughtItem[],
  { control, thoughtTokens, answerTokens }: ThoughtArmsOptions,
): number[] {
  const longest = Math.min(
    writer.contextLength - thoughtTokens - 2 - answerTokens,
    (control?.contextLength ?? Infinity) - answerTokens,
  );
  return Array.from(items.keys()).filter((i) => items[i]!.promptIds.length <= longest);
}

function armsOf(items: readonly ThoughtItem[], { control, only = ARMS }: ThoughtArmsOptions): ArmName[] {
  if (items.length === 0) return [];
  return ARMS.filter((arm) => {
    if (!only.includes(arm)) return false;
    if (arm === 'control') return control !== undefined;
    return arm !== 'other' || items.length > 1;
  });
}

/** Greedy thoughts, and what would have been written in their place. */
async function ownThoughts(
  writer: Writer,
  items: readonly ThoughtItem[],
  options: ThoughtArmsOptions,
  progress: Progress,
): Promise<OwnThought[]> {
  const { start, end } = options.marks;
  const limits = thoughtLimits(options);
  const marked = items.map(({ promptIds }) => [...promptIds, start]);
  const thoughts = await progress(marked, (counted) =>
    writer.write(marked, { ...limits, ...counted, stop: end }),
  );
  const lengths = thoughts.map((ids) => ids!.length);
  const plain = items.map(({ promptIds }) => promptIds);
  const direct =
    options.direct === false
      ? []
      : await progress(plain, (counted) =>
          writer.write(plain, { ...limits, ...counted, lengths, stop: null, never: [...limits.never, end] }),
        );
  return items.map((_, i) => ({
    ids: thoughts[i]!,
    ended: lengths[i]! < options.thoughtTokens,
    direct: direct[i]?.slice(0, lengths[i]) ?? [],
  }));
}

/** What stands in the place of the thought; null: nothing does, not even the marks. */
function thoughtsFor(
  arm: ArmName,
  items: readonly ThoughtItem[],
  thoughts: readonly OwnThought[],
  { tokenizer, ordinary, seed, filler = tokenizer.encode('.')[0]! }: ThoughtArmsOptions,
): readonly (readonly number[])[] | null {
  const own = thoughts.map(({ ids }) => ids);
  switch (arm) {
    case 'with':
      return own;
    case 'other': {
      const families = items.map(({ family }) => family);
      return thoughtsOfOthers(own, otherItems(families, seed));
    }
    case 'random':
      return randomThoughts(own, ordinaryIds(tokenizer, ordinary), seed);
    case 'filler':
      return fillerThoughts(own, filler);
    case 'without':
    case 'control':
      return null;
  }
}

async function answersAfter(
  writer: Writer,
  items: readonly ThoughtItem[],
  thoughts: readonly (readonly number[])[] | null,
  { tokenizer, marks, ordinary, answerTokens }: ThoughtArmsOptions,
  progress: Progress,
): Promise<ArmAnswer[]> {
  const prompts = items.map(({ promptIds }, i) =>
    thoughts === null ? promptIds : [...promptIds, marks.start, ...thoughts[i]!, marks.end],
  );
  const limits = { maxTokens: answerTokens, stop: tokenizer.special.eos, vocabulary: ordinary, never: [] };
  const written = await progress(prompts, (counted) => writer.write(prompts, { ...limits, ...counted }));
  return items.map((item, i) => {
    const ids = written[i]!;
    const answer = tokenizer.decode(ids);
    const thought = thoughts === null ? null : tokenizer.decode(thoughts[i]!);
    return { right: item.grade(answer), answer, cut: ids.length === answerTokens, thought };
  });
}

/** A thought goes on where the text would end: it is cut off by END or by its length alone. */
function thoughtLimits({
  tokenizer,
  marks,
  thoughtTokens,
  thoughtVocabulary = Math.max(marks.start, marks.end) + 1,
}: ThoughtOptions): Omit<WritingLimits, 'stop' | 'onAnswered'> {
  const never = [marks.start, ...specialIds(tokenizer)].filter((id) => id !== marks.end);
  return { maxTokens: thoughtTokens, vocabulary: thoughtVocabulary, never };
}

function specialIds({ special }: Tokenizer): number[] {
  return Object.values(special).filter((id) => id !== null);
}

function ordinaryIds(tokenizer: Tokenizer, ordinary: number): number[] {
  const special = specialIds(tokenizer);
  return Array.from({ length: ordinary }, (_, id) => id).filter((id) => !special.includes(id));
}

/** Runs one part of the work and tells how much of all is done. */
type Progress = <T>(
  texts: readonly unknown[],
  work: (counted: Pick<WritingLimits, 'onAnswered'>) => Promise<T>,
) => Promise<T>;

function progressOf(total: number, { onProgress }: ThoughtArmsOptions): Progress {
  let before = 0;
  return async (texts, work) => {
    const result = await work({ onAnswered: (done) => onProgress?.(before + done, total) });
    before += texts.length;
    return result;
  };
}
