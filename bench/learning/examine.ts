import type { PhaseContext } from '../../core/contracts/phase.js';
import { Scorer, type Question } from '../../nn/evaluation/index.js';
import { specsOf } from '../../nn/training/index.js';
import { isToolCall } from '../../plugins/datasets/procedural/tool-calls.js';
import type { CognateOptions } from '../../plugins/phases/cognate/options.js';
import {
  evaluateByDataset,
  freeAnswers,
  sampleText,
  scoringData,
  trainedModel,
  type FreeAnswers,
} from '../../plugins/phases/shared/index.js';
import type { LiveModel } from '../../plugins/phases/shared/model/open.js';
import type { Learnt } from './learn.js';
import type { Lesson } from './lesson.js';

/** A share with what it was counted over. */
export interface Counted {
  readonly right: number;
  readonly asked: number;
}

/** What a model that has learnt can do. */
export interface Examination {
  /** Held-out loss by dataset, nats per target. */
  readonly heldOut: Readonly<Record<string, number>>;
  /** Of answers, working and all: those whose every token is the most likely one, so that greedy writing gives them. */
  readonly exact: Counted;
  /** Questions answered freely, by dataset. */
  readonly free: Readonly<Record<string, FreeAnswers>>;
  /** Of questions that a tool call answers: those that were answered by one call in the right form, of any tool. */
  readonly toolCalls: Counted;
  /** What it writes after the preset's prompt; null where nothing is answered freely. */
  readonly sample: string | null;
}

/** @param items questions per dataset to answer freely */
export async function examine(
  ctx: PhaseContext,
  options: CognateOptions,
  lesson: Lesson,
  { shape, trainer }: Learnt,
  items: number,
): Promise<Examination> {
  const { byDataset: heldOut } = await evaluateByDataset(trainer, lesson.corpus);
  const model = await trainedModel(trainer, shape);
  const { tokenizer } = lesson.tokenizer;
  const scoring = {
    ...{ datasets: null, answerMark: null, selection: 40_000, holdout: 1_000_000, rows: 16 },
    length: options.training.length,
  };
  const { selection, questions } = scoringData(lesson.data, tokenizer, scoring, 'bench');
  const exact = await exactAnswers(ctx, model, selection);
  const { free, toolCalls } = await ask(ctx, { model, tokenizer }, lesson, questions, items);
  const sample = items === 0 ? null : await sampleText(ctx, 'bench', { model, tokenizer }, options.sample);
  return { heldOut, exact, free, toolCalls, sample: sample?.text ?? null };
}

async function exactAnswers(
  ctx: PhaseContext,
  { architecture, config, weights }: LiveModel,
  selection: Parameters<Scorer['score']>[0],
): Promise<Counted> {
  const engine = await ctx.engine();
  const state = await engine.createState(weights);
  const subject = { architecture, config: config.hyperparameters, specs: specsOf(weights) };
  const scorer = await Scorer.create(engine, subject, state, [selection.rows, selection.length]);
  const { correctAnswers, answers } = await scorer.score(selection);
  await scorer.dispose();
  await state.dispose();
  return { right: correctAnswers, asked: answers };
}

async function ask(
  ctx: PhaseContext,
  live: Parameters<typeof freeAnswers>[1],
  { data }: Lesson,
  questions: readonly Question[],
  items: number,
): Promise<Pick<Examination, 'free' | 'toolCalls'>> {
  const free: Record<string, FreeAnswers> = {};
  const toolCalls = { right: 0, asked: 0 };
  const onAnswer = ({ record }: Question, answer: string): void => {
    if (record.output === undefined || !isToolCall(record.output)) return;
    toolCalls.asked++;
    if (isToolCall(answer)) toolCalls.right++;
  };
  for (const { name, dataset } of data.sets) {
    const own = questions.filter((question) => question.dataset === dataset).slice(0, items);
    if (own.length > 0) free[name] = await freeAnswers(ctx, live, own, { rows: 32, maxTokens: 96, onAnswer });
  }
  return { free, toolCalls };
}
