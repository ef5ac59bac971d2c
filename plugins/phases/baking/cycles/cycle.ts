import type { BakingExample } from '../../../../core/contracts/baking.js';
import type { TaskSide } from '../../../../core/contracts/tool.js';
import { acceptance, type Acceptance, type CycleKind, type Prompt } from '../../../../nn/cycles/index.js';
import type { LiveModel } from '../../shared/model/open.js';
import type { Answered } from '../../shared/tasks/asking.js';
import type { Asked } from '../../shared/tasks/prompts.js';
import type { bakePart } from '../bakes.js';
import { taughtExamples, type Posed } from '../examples.js';
import { keptExamples } from '../kept.js';
import { answersAt, fitOf, worstAt, type LedgerEntry, type Standing } from '../learn.js';
import type { BakedModel } from '../model.js';
import type { BakingRun } from '../prepare.js';
import { answersOf } from '../tools/check.js';

/** A prompt that was compared. JSON. */
export interface Compared {
  readonly text: string;
  readonly origin: Prompt['origin'];
  /** Against the model without any prompt, on the same questions. */
  readonly found: Acceptance;
}

/** One cycle. JSON. */
export interface CycleResult {
  /** Of all cycles, from 1. */
  readonly cycle: number;
  readonly kind: CycleKind;
  /** What it was about: a tool, or the model itself. */
  readonly subject: string;
  /** Questions that were failed without a prompt. */
  readonly failures: number;
  readonly baseline: number;
  readonly candidates: readonly Compared[];
  /** Index of the candidate that won; null: none was better for certain, and nothing was baked. */
  readonly winner: number | null;
  /** Share of the questions that the model answers after the cycle. */
  readonly improved: number;
  /** Standard error of the difference. */
  readonly error: number;
  /** Strength that was baked, and the divergence from the prompted model before and after; null: nothing was. */
  readonly baked: {
    readonly strength: number | null;
    readonly before: number;
    readonly after: number;
  } | null;
  /** Answers looked at. */
  readonly samples: number;
  /** Traits that the winner moves for certain; of cycles of personas. */
  readonly traits: readonly string[];
  /** Of cycles of personas. */
  readonly selfWritten: number | null;
}

/** What a cycle compares candidates on, and bakes the winner with. */
export interface CycleSubject {
  readonly kind: CycleKind;
  readonly name: string;
  readonly asked: readonly Asked[];
  readonly holds: (answered: Answered) => boolean;
  /** Further questions, to be baked with. */
  readonly questions: (side: TaskSide, count: number) => readonly Asked[];
  readonly prompts: readonly Prompt[];
}

/** Candidates against the model without a prompt, on the same questions. */
export interface Comparison {
  readonly bare: readonly Answered[];
  readonly candidates: readonly Compared[];
  readonly answers: readonly (readonly Answered[])[];
  readonly winner: number | null;
}

/**
 * Every candidate in front of the same questions. The winner is the one with the largest gain, if a paired bootstrap says that it
 * is one: a tie, or what may be chance, wins nothing and is not baked.
 */
export async function compareCandidates(
  run: BakingRun,
  model: LiveModel,
  { asked, holds, prompts }: Pick<CycleSubject, 'asked' | 'holds' | 'prompts'>,
  bare: readonly Answered[],
): Promise<Comparison> {
  const before = bare.map(holds);
  const answers: (readonly Answered[])[] = [];
  const candidates: Compared[] = [];
  for (const { text, origin } of prompts) {
    const own = await answersOf(
      run,
      model,
      asked.map((one) => ({ ...one, manuals: [text] })),
    );
    answers.push(own);
    candidates.push({ text, origin, found: acceptance(before, own.map(holds), { seed: run.ctx.seed }) });
  }
  const accepted = candidates.flatMap(({ found }, i) =>
    found.accepted ? [{ i, gain: found.gain.value }] : [],
  );
  const best = accepted.reduce<(typeof accepted)[number] | null>(
    (one, other) => (one === null || other.gain > one.gain ? other : one),
    null,
  );
  return { bare, candidates, answers, winner: best?.i ?? null };
}

/** What the bake of a winner came to. */
export interface WinnerBaked {
  readonly standing: Standing;
  readonly entry: LedgerEntry;
}

interface WinnerWork {
  readonly text: string;
  /** Of the bake. */
  readonly label: string;
  readonly fraction: (done: number) => number;
  readonly bakes: typeof bakePart;
}

/** Bake a part of what the winner does, and take it back where an earlier list loses too much. */
export async function bakeWinner(
  run: BakingRun,
  baked: BakedModel,
  standing: Standing,
  subject: CycleSubject,
  { text, label, fraction, bakes }: WinnerWork,
): Promise<WinnerBaked> {
  const { strength, steps } = run.options.cycles;
  const { questions, heldOut } = run.options.tools;
  const teacher = baked.applied(standing.weights);
  const written = (side: TaskSide, count: number, copies: number): Promise<BakingExample[]> =>
    taughtExamples(run, teacher, posed(subject.questions(side, count), text), {
      ...{ strategy: label, copies, words: [label, side] },
      keeps: (answered) => run.options.trajectories.keep === 'all' || subject.holds(answered),
    });
  const train = await written('train', questions, run.options.trajectories.perQuestion);
  const bake = {
    name: label,
    train: [...train, ...(await keptExamples(run, baked, standing, train.length, label))],
    heldOut: await written('held-out', heldOut, 1),
    ...{ steps, fraction },
  };
  const { weights, entries } = await bakes(run, baked.latent(standing.weights), bake, strength);
  const { lists } = standing;
  const answers = await answersAt(run, baked, { weights, answers: standing.answers, lists }, label);
  const worst = worstAt(run, answers, label);
  const kept = worst === null || worst.points.value <= run.options.rollback.points;
  const entry: LedgerEntry = {
    ...{ order: standing.ledger.length + 1, name: label, subjects: [], attempt: 1, entries, worst, kept },
    kind: subject.kind === 'a' ? 'a-cycle' : 'b-cycle',
    fit: await fitOf(run, baked, { before: standing.weights, after: weights }, bake, label),
    reason: kept ? null : `${worst.list} lost ${worst.points.value.toFixed(1)} points`,
  };
  const ledger = [...standing.ledger, entry];
  await baked.keepOnly(run.start.weights, kept ? weights : standing.weights);
  return { standing: kept ? { ...standing, weights, answers, ledger } : { ...standing, ledger }, entry };
}

function posed(asked: readonly Asked[], text: string): Posed[] {
  return asked.map((model) => ({ teacher: { ...model, manuals: [text] }, model }));
}
