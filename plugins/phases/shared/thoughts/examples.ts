import type { BakingExample } from '../../../../core/contracts/baking.js';
import type { DataRecord, Dataset } from '../../../../core/contracts/dataset.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import { contentOrder } from '../../../../nn/data/index.js';
import type { SplitData, SplitDataset } from '../data/split.js';

/** A record with a thought that leads to its answer. */
export interface WorkedRecord {
  readonly dataset: Dataset;
  readonly record: DataRecord;
  readonly question: string;
  readonly trace: string;
  readonly answer: string;
  readonly strategy: string;
  readonly family: string;
  /** `known`, or what about it was never trained on (`new-range`, `new-family`). */
  readonly part: string;
}

/** Records with thoughts, by what they are for. */
export interface WorkedData {
  readonly train: readonly WorkedRecord[];
  /** Held out, to choose by. */
  readonly free: readonly WorkedRecord[];
  /** Held out, to report on. */
  readonly locked: readonly WorkedRecord[];
}

/** What is learnt: with thoughts, and the same questions at once. */
export interface TrainingExamples {
  readonly thinking: readonly BakingExample[];
  readonly control: readonly BakingExample[];
}

/** How much is wanted. */
export interface Room {
  readonly tokens: number;
  /** Tokens of a row. */
  readonly length: number;
}

export interface ExampleShares {
  /** Of the tokens. */
  readonly direct: number;
  readonly replay: number;
}

/** The records of the named datasets that have a thought, on the sides that were fixed. */
export function workedData(split: SplitData, names: readonly string[]): WorkedData {
  const sets = split.sets.filter(({ name }) => names.includes(name));
  const isLocked = (set: SplitDataset, i: number): boolean => split.locked.has(set.heldoutKeys[i]!);
  const heldOut = (wanted: boolean) =>
    sets.flatMap((set) =>
      worked(
        set,
        set.heldout.filter((_, i) => isLocked(set, i) === wanted),
      ),
    );
  return {
    train: sets.flatMap((set) => worked(set, set.train)),
    free: heldOut(false),
    locked: heldOut(true),
  };
}

function worked({ name, dataset }: Pick<SplitDataset, 'name' | 'dataset'>, records: readonly DataRecord[]) {
  return inOrder(records).flatMap((record): WorkedRecord[] => {
    const { trace, strategy, family, part } = record.metadata ?? {};
    if (record.input === undefined || record.output === undefined || typeof trace !== 'string') return [];
    return [
      {
        ...{ dataset, record, question: record.input, answer: finalAnswer(record.output), trace },
        strategy: String(strategy ?? 'chain-of-thought'),
        family: String(family ?? name),
        part: String(part ?? 'known'),
      },
    ];
  });
}

/** Of a worked answer what stands from its mark on: the thought has the working. */
function finalAnswer(output: string): string {
  const at = output.indexOf(ANSWER_MARK);
  return at < 0 ? output : ` ${output.slice(at)}`;
}

const ANSWER_MARK = '####';

/** An order of content, so that the first of them are a sample. */
function inOrder(records: readonly DataRecord[]): readonly DataRecord[] {
  return contentOrder(records, ({ text }) => text);
}

/** With its thought between question and answer. @param prompt that a teacher reads before it */
export function thinking(
  { question, trace, answer, strategy }: WorkedRecord,
  prompt: string | null,
): BakingExample {
  return { input: question, trace, output: answer, strategy, prompt };
}

/** Answered at once. */
export function direct({ question, answer }: WorkedRecord): BakingExample {
  return { input: question, trace: '', output: answer, strategy: null, prompt: null };
}

/**
 * A record of the earlier training: of a question only the answer is learnt; a text that is longer than a row is learnt in
 * pieces.
 *
 * @param length tokens of a row
 */
function recalled(
  { text, input, output }: DataRecord,
  tokenizer: Tokenizer,
  length: number,
): readonly BakingExample[] {
  const plain = { trace: '', strategy: null, prompt: null };
  if (input !== undefined && output !== undefined) return [{ ...plain, input, output }];
  const { bos, eos } = tokenizer.special;
  const room = length - (bos === null ? 0 : 1);
  const ids = [...tokenizer.encode(text), ...(eos === null ? [] : [eos])];
  return Array.from({ length: Math.ceil(ids.length / room) }, (_, i) => ({
    ...{ ...plain, input: '', output: '' },
    written: ids.slice(i * room, (i + 1) * room),
  }));
}

/**
 * Examples of about so many tokens, in the asked shares; the control gets the same questions, answered at once, and the
 * same replay, as many tokens of them; what is replayed is to be kept. Where there are too few records all are taken.
 */
export function trainingExamples(
  { train }: WorkedData,
  earlier: readonly SplitDataset[],
  tokenizer: Tokenizer,
  {
    tokens,
    length: row,
    direct: directShare,
    replay,
    prompt = null,
  }: ExampleShares & Room & { readonly prompt?: string | null },
): TrainingExamples {
  const length = lengthWith(tokenizer);
  const take = (examples: Iterable<BakingExample>, share: number) => upTo(examples, share * tokens, length);
  const again = take(replayed(earlier, tokenizer, row), replay).map((example) => ({
    ...example,
    kept: true,
  }));
  const thoughts = take(
    train.map((record) => thinking(record, prompt)),
    1 - replay - directShare,
  );
  // Other questions than those that are thought about, as far as there are enough.
  const rest = [...train.slice(thoughts.length), ...train.slice(0, thoughts.length)];
  return {
    thinking: [...thoughts, ...take(rest.map(direct), directShare), ...again],
    control: [...take(train.map(direct), 1 - replay), ...again],
  };
}

/** Questions with their thoughts that fit a row, of about so many tokens. */
export function thinkingExamples(
  records: readonly WorkedRecord[],
  tokenizer: Tokenizer,
  { tokens, length: row }: Room,
): readonly BakingExample[] {
  const length = lengthWith(tokenizer);
  const fitting = records.map((record) => thinking(record, null)).filter((one) => length(one) <= row);
  return upTo(fitting, tokens, length);
}

/** Questions answered at once and replay, of about so many tokens. */
export function directExamples(
  records: readonly WorkedRecord[],
  earlier: readonly SplitDataset[],
  tokenizer: Tokenizer,
  { tokens, length: row, replay }: Pick<ExampleShares, 'replay'> & Room,
): readonly BakingExample[] {
  const length = lengthWith(tokenizer);
  return [
    ...upTo(records.map(direct), (1 - replay) * tokens, length),
    ...upTo(replayed(earlier, tokenizer, row), replay * tokens, length),
  ];
}

/** What was held out of the earlier training, of about so many tokens. */
export function recalledHeldOut(
  earlier: readonly SplitDataset[],
  tokenizer: Tokenizer,
  { tokens, length: row }: Room,
): readonly BakingExample[] {
  const all = inTurn(earlier.map((set) => inOrder(set.heldout)));
  const pieces = all.flatMap((record) => recalled(record, tokenizer, row));
  return upTo(pieces, tokens, lengthWith(tokenizer));
}

function* replayed(
  earlier: readonly SplitDataset[],
  tokenizer: Tokenizer,
  row: number,
): Iterable<BakingExample> {
  for (const record of inTurn(earlier.map((set) => inOrder(set.train))))
    yield* recalled(record, tokenizer, row);
}

function upTo(
  examples: Iterable<BakingExample>,
  tokens: number,
  length: (example: BakingExample) => number,
): BakingExample[] {
  let left = tokens;
  const taken: BakingExample[] = [];
  for (const example of examples) {
    if (left <= 0) break;
    left -= length(example);
    taken.push(example);
  }
  return taken;
}

function lengthWith(tokenizer: Tokenizer): (example: BakingExample) => number {
  const of = (text: string): number => tokenizer.encode(text).length;
  const tagged = (text: string): number => tokenizer.encode(text, { specials: true }).length;
  return ({ input, trace, output, written }) =>
    // With its start, and its end where that is not written.
    1 + of(input) + (written?.length ?? tagged(trace) + of(output) + 1);
}

/** One of each list after the other. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const most = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: most }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}
