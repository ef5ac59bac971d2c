import {
  answerInArms,
  modelWriter,
  questionOf,
  sampleThoughts,
  type ThoughtArms,
  type ThoughtArmsOptions,
  type ThoughtItem,
} from '../../../nn/evaluation/index.js';
import { logitVariances, type BatchWriter, type BatchWriters } from '../../../nn/generation/index.js';
import { generatorOptions } from '../shared/evaluation/sample.js';
import type { LiveModel } from '../shared/model/open.js';
import { counted } from '../shared/progress.js';
import type { WorkedRecord } from './examples.js';
import type { QuietstarRun } from './prepare.js';

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

/**
 * Ask held-out questions in every arm: with thoughts, without, with each placebo, and of the control. Questions of known
 * families and ranges, of wider ranges and of new families are kept apart.
 */
export async function examine(
  run: QuietstarRun,
  { thinker, control, writers }: Candidates,
  fraction: (done: number) => number,
): Promise<Examined[]> {
  const { ctx, options, worked } = run;
  const { items, furtherItems } = options.examination;
  const parts = [...new Set(['known', ...worked.locked.map(({ part }) => part)])];
  const groups = parts.map((part) => {
    const own = worked.locked.filter((record) => record.part === part);
    return { part, records: own.slice(0, part === 'known' ? items : furtherItems) };
  });
  const writer = await writerOf(run, thinker, writers);
  const other = control === null ? null : modelWriter(await writerOf(run, control, writers));
  const examined: Examined[] = [];
  let before = 0;
  const total = groups.reduce((sum, { records }) => sum + records.length, 0);
  const told = counted(ctx, { task: 'examination', total, unit: 'question', fraction });
  for (const { part, records } of groups) {
    const first = before;
    examined.push(
      await askInArms(
        run,
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
  { ctx }: Pick<QuietstarRun, 'ctx'>,
  model: LiveModel,
  writers: BatchWriters,
): Promise<BatchWriter> {
  return writers.of(await generatorOptions(ctx, model));
}

/** Ask one group of questions. */
export async function askInArms(
  run: QuietstarRun,
  writer: BatchWriter,
  { part, records }: Pick<Examined, 'part' | 'records'>,
  more: Pick<ThoughtArmsOptions, 'control' | 'onProgress' | 'direct' | 'only'>,
): Promise<Examined> {
  const { ctx, options } = run;
  const { answerTokens } = options.examination;
  const asked = records.flatMap((record) => {
    const item = itemOf(record, run);
    return item === null ? [] : [{ record, item }];
  });
  const arms = await answerInArms(
    modelWriter(writer),
    asked.map(({ item }) => item),
    { ...thinkingOf(run), ...more, ordinary: firstTag(run), answerTokens, seed: ctx.seed },
  );
  return { part, records: arms.items.map((i) => asked[i]!.record), arms };
}

/** Several thoughts of the first questions, and what outputs look like after thoughts. */
export async function sampleAbout(
  run: QuietstarRun,
  writer: BatchWriter,
  { records, arms }: Examined,
): Promise<ThoughtSamples> {
  const { ctx, options, grown } = run;
  const chosen = records.slice(0, SAMPLED);
  const prompts = chosen.map((record) => itemOf(record, run)!.promptIds);
  const several = { ...thinkingOf(run), seed: ctx.seed };
  const drawn = await sampleThoughts(
    modelWriter(writer),
    prompts,
    Math.max(2, options.thoughts.samples),
    several,
  );
  const after = prompts.map((ids, i) => [
    ...ids,
    grown.ids['<think>']!,
    ...arms.thoughts[i]!.ids,
    grown.ids['</think>']!,
  ]);
  const variances = await logitVariances(writer, after);
  const mean = variances.reduce((sum, value) => sum + value, 0) / variances.length;
  return {
    drawn: drawn.flatMap((thoughts) => (thoughts === null ? [] : [thoughts])),
    outputVariance: variances.length === 0 ? null : mean,
  };
}

function thinkingOf({ tokenizer, grown, options }: QuietstarRun) {
  return {
    tokenizer: tokenizer.tokenizer,
    marks: { start: grown.ids['<think>']!, end: grown.ids['</think>']! },
    thoughtVocabulary: tokenizer.tokenizer.vocabularySize,
    thoughtTokens: options.examination.thoughtTokens,
  };
}

/** The tags come last: ids below the first one are ordinary. */
export function firstTag({ grown }: Pick<QuietstarRun, 'grown'>): number {
  return Math.min(...Object.values(grown.ids));
}

function itemOf({ dataset, record, family }: WorkedRecord, { tokenizer }: QuietstarRun): ThoughtItem | null {
  const question = questionOf(dataset, record, tokenizer.tokenizer);
  if (question === null) return null;
  const grade = (answer: string): boolean => dataset.grade!(record, answer) === true;
  return { promptIds: question.prompt, family, grade };
}
