import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import {
  answerInArms,
  modelWriter,
  questionOf,
  sampleThoughts,
  type ThoughtArms,
  type ThoughtArmsOptions,
  type ThoughtItem,
} from '../../../../nn/evaluation/index.js';
import { logitVariances, type BatchWriter, type BatchWriters } from '../../../../nn/generation/index.js';
import { generatorOptions } from '../evaluation/sample.js';
import type { LiveModel } from '../model/open.js';
import { counted } from '../progress.js';
import type { WorkedRecord } from './examples.js';

/** What an examination of thoughts works with. */
export interface Examination {
  readonly ctx: Pick<PhaseContext, 'engine' | 'seed' | 'progress' | 'event' | 'pausePoint'>;
  readonly tokenizer: Tokenizer;
  /** Ids of the thought tags by their text. */
  readonly tags: Readonly<Record<string, number>>;
  /** Most tokens of a thought and of an answer. */
  readonly thoughtTokens: number;
  readonly answerTokens: number;
}

/** How many questions are asked. */
export interface ExaminationSize {
  /** Of known families and ranges. */
  readonly items: number;
  /** Of each further kind. */
  readonly furtherItems: number;
}

/** A group of held-out questions with how they were answered. */
export interface Examined {
  /** `known`, `new-range`, `new-family`. */
  readonly part: string;
  readonly records: readonly WorkedRecord[];
  readonly arms: ThoughtArms;
}

/** Models that take an examination. */
export interface Candidates {
  readonly thinker: LiveModel;
  readonly control: LiveModel | null;
  /** What they write with. */
  readonly writers: BatchWriters;
}

/** What else is asked of thoughts about known questions. */
export interface ThoughtSamples {
  /** By question, several thoughts that were drawn about it. */
  readonly drawn: readonly (readonly (readonly number[])[])[];
  /** Of the logits after thoughts. */
  readonly outputVariance: number | null;
}

/** Questions of which several thoughts are drawn. */
const SAMPLED = 32;
/** Questions that are shown with what was thought about them. */
const SHOWN = 2;

/** Questions to report on, by what about them was never trained on. */
export function questionGroups(
  locked: readonly WorkedRecord[],
  { items, furtherItems }: ExaminationSize,
): Pick<Examined, 'part' | 'records'>[] {
  const parts = [...new Set(['known', ...locked.map(({ part }) => part)])];
  return parts.map((part) => {
    const own = locked.filter((record) => record.part === part);
    return { part, records: own.slice(0, part === 'known' ? items : furtherItems) };
  });
}

/**
 * Ask held-out questions in every arm: with thoughts, without, with each placebo, and of the control. Questions of known
 * families and ranges, of wider ranges and of new families are kept apart.
 *
 * @param fraction of the phase that is done, by the share of the examination
 */
export async function examine(
  examination: Examination,
  groups: readonly Pick<Examined, 'part' | 'records'>[],
  { thinker, control, writers }: Candidates,
  fraction: (done: number) => number,
): Promise<Examined[]> {
  const { ctx } = examination;
  const writer = await writerOf(ctx, thinker, writers);
  const other = control === null ? null : modelWriter(await writerOf(ctx, control, writers));
  const examined: Examined[] = [];
  let before = 0;
  const total = groups.reduce((sum, { records }) => sum + records.length, 0);
  const told = counted(ctx, { task: 'examination', total, unit: 'question', fraction });
  for (const { part, records } of groups) {
    const first = before;
    examined.push(
      await askInArms(
        examination,
        writer,
        { part, records },
        {
          ...(other === null ? {} : { control: other }),
          onProgress: (done, all) => told(Math.floor(first + (records.length * done) / all)),
        },
      ),
    );
    before += records.length;
  }
  return examined;
}

/** The writer of a model: for all that it is asked, and with what is compiled for models of its shape. */
export async function writerOf(
  ctx: Pick<PhaseContext, 'engine'>,
  model: LiveModel,
  writers: BatchWriters,
): Promise<BatchWriter> {
  return writers.of(await generatorOptions(ctx, model));
}

/** Ask one group of questions. */
export async function askInArms(
  examination: Examination,
  writer: BatchWriter,
  { part, records }: Pick<Examined, 'part' | 'records'>,
  more: Pick<ThoughtArmsOptions, 'control' | 'onProgress' | 'direct' | 'only'>,
): Promise<Examined> {
  const { ctx, answerTokens } = examination;
  const asked = records.flatMap((record) => {
    const item = itemOf(record, examination);
    return item === null ? [] : [{ record, item }];
  });
  const arms = await answerInArms(
    modelWriter(writer),
    asked.map(({ item }) => item),
    { ...thinkingOf(examination), ...more, ordinary: firstTag(examination), answerTokens, seed: ctx.seed },
  );
  return { part, records: arms.items.map((i) => asked[i]!.record), arms };
}

/** Several thoughts of the first questions, and what outputs look like after thoughts. @param samples thoughts of each */
export async function sampleAbout(
  examination: Examination,
  writer: BatchWriter,
  { records, arms }: Examined,
  samples: number,
): Promise<ThoughtSamples> {
  const { ctx, tags } = examination;
  const chosen = records.slice(0, SAMPLED);
  const prompts = chosen.map((record) => itemOf(record, examination)!.promptIds);
  const several = { ...thinkingOf(examination), seed: ctx.seed };
  const drawn = await sampleThoughts(modelWriter(writer), prompts, Math.max(2, samples), several);
  const after = prompts.map((ids, i) => [
    ...ids,
    tags['<think>']!,
    ...arms.thoughts[i]!.ids,
    tags['</think>']!,
  ]);
  const variances = await logitVariances(writer, after);
  const mean = variances.reduce((sum, value) => sum + value, 0) / variances.length;
  return {
    drawn: drawn.flatMap((thoughts) => (thoughts === null ? [] : [thoughts])),
    outputVariance: variances.length === 0 ? null : mean,
  };
}

/** Tell the sinks the first questions that were examined, each with its thought, tags and all, and the answer after it. */
export function showThoughts(
  { ctx, tokenizer, tags }: Examination,
  model: string,
  { records, arms }: Examined,
): void {
  const tagged = (ids: readonly number[]): string => tokenizer.decode(ids, { specials: true });
  for (const [i, { question }] of records.slice(0, SHOWN).entries()) {
    const thought = tagged([tags['<think>']!, ...arms.thoughts[i]!.ids, tags['</think>']!]);
    ctx.event('sample', { model, prompt: question, text: thought + arms.arms.with![i]!.answer });
  }
}

function thinkingOf({ tokenizer, tags, thoughtTokens }: Examination) {
  return {
    tokenizer,
    marks: { start: tags['<think>']!, end: tags['</think>']! },
    thoughtVocabulary: tokenizer.vocabularySize,
    thoughtTokens,
  };
}

/** The tags come last: ids below the first one are ordinary. */
export function firstTag({ tags }: Pick<Examination, 'tags'>): number {
  return Math.min(...Object.values(tags));
}

function itemOf(
  { dataset, record, family }: WorkedRecord,
  { tokenizer }: Pick<Examination, 'tokenizer'>,
): ThoughtItem | null {
  const question = questionOf(dataset, record, tokenizer);
  if (question === null) return null;
  const grade = (answer: string): boolean => dataset.grade!(record, answer) === true;
  return { promptIds: question.prompt, family, grade };
}
