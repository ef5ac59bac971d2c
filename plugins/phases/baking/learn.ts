import type { BakingExample } from '../../../core/contracts/baking.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { dropsAt, withAnswers, worstDrop, type AnswerMatrix, type Drop } from '../../../nn/cycles/index.js';
import { likelihoodFit, logLikelihoods } from '../shared/baking/likelihood.js';
import type { BakingEntry } from '../shared/baking/types.js';
import { bakeWhole, type Bake } from './bakes.js';
import { rehearsed } from './examples.js';
import type { EvaluationList } from './lists.js';
import { hashOf, type BakedModel } from './model.js';
import type { BakingRun } from './prepare.js';
import { once } from './saved.js';

export type BakeKind = 'tool' | 'persona' | 'a-cycle' | 'b-cycle';

/** A bake as the ledger has it. JSON. */
export interface LedgerEntry {
  /** From 1, in the order in which they were tried. */
  readonly order: number;
  readonly name: string;
  /** Tools or personas that were baked by it; none of a cycle. */
  readonly subjects: readonly string[];
  readonly kind: BakeKind;
  /** From 1: what was taken back is tried again. */
  readonly attempt: number;
  /** Of the half and the rest, or of the whole. */
  readonly entries: readonly BakingEntry[];
  /** How well the likelihoods without the prompt fit those with it, held-out: before and after. */
  readonly fit: { readonly before: number | null; readonly after: number | null };
  /** The earlier list that lost most by it, against its best; null: there was none. */
  readonly worst: Drop | null;
  readonly kept: boolean;
  /** Why it was taken back; null: it was not. */
  readonly reason: string | null;
}

/** Where the model stands between bakes. */
export interface Standing {
  readonly weights: TensorDict;
  readonly ledger: readonly LedgerEntry[];
  /** Every list after every bake that was kept, item by item. */
  readonly answers: AnswerMatrix;
  /** Lists that are watched. */
  readonly lists: readonly EvaluationList[];
  /** What was baked, to be rehearsed. */
  readonly learnt: readonly (readonly BakingExample[])[];
}

/** What is to be baked, and what it is measured by ever after. */
export interface Learning {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly kind: BakeKind;
  readonly lists: readonly EvaluationList[];
  readonly train: readonly BakingExample[];
  readonly heldOut: readonly BakingExample[];
  /** What is to stay as it is, beside what is rehearsed. */
  readonly kept: readonly BakingExample[];
  readonly steps: number;
  readonly options?: Bake['options'];
  readonly fraction: (done: number) => number;
}

/** Ask every list at a moment, once for the same weights. */
export async function answersAt(
  run: BakingRun,
  baked: BakedModel,
  { weights, answers, lists }: Pick<Standing, 'weights' | 'answers' | 'lists'>,
  moment: string,
): Promise<AnswerMatrix> {
  const { listItems } = run.options.examination;
  const names = lists.map(({ name }) => name);
  const right = await run.clock.time('forgetting', () =>
    once(run, `lists-${moment}`, [hashOf(weights), names, listItems], async () => {
      const model = baked.applied(weights);
      const all: (readonly boolean[])[] = [];
      for (const { answered } of lists) all.push(await answered(model));
      return all;
    }),
  );
  return names.reduce((matrix, name, i) => withAnswers(matrix, name, moment, right[i]!), answers);
}

/** The list that lost most at a moment, against its best; null where none was asked before. */
export function worstAt({ ctx }: BakingRun, answers: AnswerMatrix, moment: string): Drop | null {
  return answers.moments.includes(moment) ? worstDrop(dropsAt(answers, moment, { seed: ctx.seed })) : null;
}

/**
 * Bake one thing, ask all earlier lists again, and take it back where one of them lost more points than the options allow:
 * then it is tried again with more rehearsal, and left out in the end.
 *
 * @param bakes default: as the options say
 */
export async function learn(
  run: BakingRun,
  baked: BakedModel,
  standing: Standing,
  learning: Learning,
  part: 'tools' | 'personas' | 'cycles',
  bakes: typeof bakeWhole = bakeWhole,
): Promise<Standing> {
  const { attempts, points, rehearsal } = run.options.rollback;
  let { ledger } = standing;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const name = attempt === 1 ? learning.name : `${learning.name}-${attempt}`;
    const train = trainedOn(learning, standing, Math.min(MOST_REHEARSAL, rehearsal * 2 ** (attempt - 1)));
    const bake: Bake = { ...learning, name, train };
    const { weights, entries } = await run.clock.time(part, () =>
      bakes(run, baked.latent(standing.weights), bake),
    );
    const lists = [...standing.lists, ...learning.lists];
    const answers = await answersAt(run, baked, { weights, answers: standing.answers, lists }, name);
    const worst = worstAt(run, answers, name);
    const kept = worst === null || worst.points.value <= points;
    const { name: own, subjects, kind } = learning;
    const entry: LedgerEntry = {
      ...{ order: ledger.length + 1, name: own, subjects, kind, attempt, entries, worst, kept },
      fit: await fitOf(run, baked, { before: standing.weights, after: weights }, learning, name),
      reason: kept
        ? null
        : `${worst.list} lost ${worst.points.value.toFixed(1)} points of ${worst.best}, more than ${points}`,
    };
    ledger = [...ledger, entry];
    await baked.keepOnly(run.start.weights, kept ? weights : standing.weights);
    if (kept) return { weights, ledger, answers, lists, learnt: [...standing.learnt, learning.train] };
    run.ctx.log.warn(`${learning.name} was taken back: ${entry.reason!}.`);
  }
  return { ...standing, ledger };
}

/** No bake is rehearsal alone. */
const MOST_REHEARSAL = 0.75;

/** What is new, what is to stay, and so much of what was baked before that it has its share of the rows. */
function trainedOn(
  { train, kept }: Pick<Learning, 'train' | 'kept'>,
  { learnt }: Pick<Standing, 'learnt'>,
  share: number,
): readonly BakingExample[] {
  const own = [...train, ...kept];
  const wanted = learnt.length === 0 ? 0 : Math.round((own.length * share) / (1 - share));
  // As many of each earlier bake, those in turn that come first.
  const earlier = Array.from({ length: wanted }, (_, i) => {
    const list = learnt[i % learnt.length]!;
    return rehearsed(list[Math.floor(i / learnt.length) % list.length]!);
  });
  return [...own, ...earlier];
}

/** Of held-out answers: what the teacher makes of them with the prompt, and the model without, before and after. */
export function fitOf(
  run: BakingRun,
  baked: BakedModel,
  { before, after }: { readonly before: TensorDict; readonly after: TensorDict },
  { heldOut }: Pick<Learning, 'heldOut'>,
  name: string,
): Promise<LedgerEntry['fit']> {
  return once(run, `fit-${name}`, [hashOf(before), hashOf(after)], async () => {
    const shape = { rows: run.options.bake.training.rows, tokenizer: run.language.tokenizer };
    const [old, fresh] = [baked.applied(before), baked.applied(after)];
    const of = (model: typeof old, reader: 'teacher' | 'model') =>
      logLikelihoods(run.engine, model, heldOut, { ...shape, reader });
    const teacher = await of(old, 'teacher');
    return {
      before: likelihoodFit(teacher, await of(old, 'model')),
      after: likelihoodFit(teacher, await of(fresh, 'model')),
    };
  });
}
