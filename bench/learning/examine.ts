import type { PhaseContext } from '../../core/contracts/phase.js';
import { Scorer, type DocumentScore } from '../../nn/evaluation/index.js';
import type { CognateOptions } from '../../plugins/phases/cognate/options.js';
import {
  evaluateByDataset,
  freeAnswers,
  scoringData,
  trainedModel,
  type FreeAnswers,
} from '../../plugins/phases/shared/index.js';
import type { Learnt } from './learn.js';
import type { Lesson } from './lesson.js';

/** What a model that has learnt can do. */
export interface Examination {
  /** Held-out loss by dataset, nats per target. */
  readonly heldOut: Readonly<Record<string, number>>;
  /** Of answers, working and all: those whose every token is the most likely one, so that greedy writing gives them. */
  readonly exact: { readonly right: number; readonly asked: number };
  /** Questions answered freely, by dataset. */
  readonly free: Readonly<Record<string, FreeAnswers>>;
}

/** @param items questions per dataset to answer freely */
export async function examine(
  ctx: PhaseContext,
  options: CognateOptions,
  { data, tokenizer, corpus }: Lesson,
  { shape, trainer }: Learnt,
  items: number,
): Promise<Examination> {
  const { byDataset: heldOut } = await evaluateByDataset(trainer, corpus);
  const model = await trainedModel(trainer, shape);
  const { length } = options.training;
  const scoring = {
    datasets: null,
    selection: 40_000,
    holdout: 1_000_000,
    rows: 16,
    length,
    answerMark: null,
  };
  const { selection, questions } = scoringData(data, tokenizer.tokenizer, scoring, 'bench');
  const engine = await ctx.engine();
  const state = await engine.createState(model.weights);
  const subject = {
    architecture: shape.architecture,
    config: shape.config.hyperparameters,
    specs: Object.fromEntries(
      Object.entries(model.weights).map(([name, { shape: dims, dtype }]) => [name, { shape: dims, dtype }]),
    ),
  };
  const scorer = await Scorer.create(engine, subject, state, [selection.rows, selection.length]);
  const score: DocumentScore = await scorer.score(selection);
  await scorer.dispose();
  await state.dispose();
  const free: Record<string, FreeAnswers> = {};
  for (const { name, dataset } of data.sets) {
    const own = questions.filter((question) => question.dataset === dataset).slice(0, items);
    if (own.length === 0 || items === 0) continue;
    const live = { model, tokenizer: tokenizer.tokenizer };
    free[name] = await freeAnswers(ctx, live, own, { rows: 32, maxTokens: 96 });
  }
  return { heldOut, exact: { right: score.correctAnswers, asked: score.answers }, free };
}
