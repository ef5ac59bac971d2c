import type { BakingExample } from '../../../core/contracts/baking.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { withMeasurement, type RetentionMatrix } from '../../../nn/curriculum/index.js';
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
  readonly kind: BakeKind;
  /** From 1: what was taken back is tried again. */
  readonly attempt: number;
  /** Of the half and the rest, or of the whole. */
  readonly entries: readonly BakingEntry[];
  /** How well the likelihoods without the prompt fit those with it, held-out: before and after. */
  readonly fit: { readonly before: number | null; readonly after: number | null };
  /** Points that the list that lost most lost; null: no earlier list was there. */
  readonly lost: number | null;
  readonly kept: boolean;
  /** Why it was taken back; null: it was not. */
  readonly reason: string | null;
}

/** Where the model stands between bakes. */
export interface Standing {
  readonly weights: TensorDict;
  readonly ledger: readonly LedgerEntry[];
  /** Accuracy of every list after every bake. */
  readonly matrix: RetentionMatrix;
  /** Lists that are watched. */
  readonly lists: readonly EvaluationList[];
  /** Accuracy of each now. */
  readonly now: Readonly<Record<string, number>>;
  /** What was baked, to be rehearsed. */
  readonly learnt: readonly (readonly BakingExample[])[];
}

/** What is to be baked, and what it is measured by ever after. */
export interface Learning {
  readonly name: string;
  readonly kind: BakeKind;
  readonly list: EvaluationList;
  readonly train: readonly BakingExample[];
  readonly heldOut: readonly BakingExample[];
  /** What is to stay as it is, beside what is rehearsed. */
  readonly kept: readonly BakingExample[];
  readonly steps: number;
  readonly options?: Bake['options'];
  readonly fraction: (done: number) => number;
}

/** Measure lists at a moment, once for the same weights. */
export async function measuredAt(
  run: BakingRun,
  baked: BakedModel,
  { weights, matrix, lists }: Pick<Standing, 'weights' | 'matrix' | 'lists'>,
  moment: string,
): Promise<Pick<Standing, 'matrix' | 'now'>> {
  const { listItems } = run.options.examination;
  const names = lists.map(({ name }) => name);
  const now = await run.clock.time('forgetting', () =>
    once(run, `lists-${moment}`, [hashOf(weights), names, listItems], async () => {
      const model = baked.applied(weights);
      const shares: Record<string, number> = {};
      for (const { name, answered } of lists) shares[name] = shareRight(await answered(model));
      return shares;
    }),
  );
  const measured = names.reduce((sum, name) => withMeasurement(sum, name, moment, now[name]!), matrix);
  return { matrix: measured, now };
}

function shareRight(answers: readonly boolean[]): number {
  return answers.filter(Boolean).length / answers.length;
}

/**
 * Bake one thing, ask all earlier lists again, and take it back where one of them lost more points than the options allow:
 * then it is tried again with more rehearsal, and left out in the end.
 */
export async function learn(
  run: BakingRun,
  baked: BakedModel,
  standing: Standing,
  learning: Learning,
  part: 'tools' | 'personas' | 'cycles',
): Promise<Standing> {
  const { attempts, points, rehearsal } = run.options.rollback;
  let { ledger, matrix } = standing;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const name = attempt === 1 ? learning.name : `${learning.name}-${attempt}`;
    const train = trainedOn(learning, standing, Math.min(MOST_REHEARSAL, rehearsal * 2 ** (attempt - 1)));
    const bake: Bake = { ...learning, name, train };
    const { weights, entries } = await run.clock.time(part, () =>
      bakeWhole(run, baked.latent(standing.weights), bake),
    );
    const watched = { weights, matrix, lists: [...standing.lists, learning.list] };
    const measured = await measuredAt(run, baked, watched, name);
    const lost = mostLost(standing.now, measured.now);
    const kept = lost === null || lost <= points;
    matrix = measured.matrix;
    const entry: LedgerEntry = {
      ...{ order: ledger.length + 1, name: learning.name, kind: learning.kind, attempt, entries, lost, kept },
      fit: await fitOf(run, baked, { before: standing.weights, after: weights }, learning, name),
      reason: kept ? null : `an earlier list lost ${lost.toFixed(1)} points, more than ${points}`,
    };
    ledger = [...ledger, entry];
    if (kept)
      return {
        weights,
        ledger,
        ...measured,
        lists: watched.lists,
        learnt: [...standing.learnt, learning.train],
      };
    run.ctx.log.warn(`${learning.name} was taken back: ${entry.reason!}.`);
  }
  return { ...standing, ledger, matrix };
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

/** Points that the list that lost most lost; null without earlier lists. */
function mostLost(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): number | null {
  const drops = Object.entries(before).map(([name, share]) => 100 * (share - after[name]!));
  return drops.length === 0 ? null : Math.max(...drops);
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
