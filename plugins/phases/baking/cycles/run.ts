import {
  acceptance,
  nextCycle,
  plateauOf,
  startCycles,
  withCycle,
  withEffect,
  type CyclesState,
  type CycleSettings,
  type PromptBank,
} from '../../../../nn/cycles/index.js';
import type { LiveModel } from '../../shared/model/open.js';
import type { Answered } from '../../shared/tasks/asking.js';
import type { Asked } from '../../shared/tasks/prompts.js';
import { bakePart } from '../bakes.js';
import type { Standing } from '../learn.js';
import { hashOf, type BakedModel } from '../model.js';
import { personaQuestions, showsTrait } from '../personas/questions.js';
import type { BakingRun } from '../prepare.js';
import { answersOf } from '../tools/check.js';
import { toolQuestions } from '../tools/questions.js';
import { personaBank, selfDescriptions, toolBanks, toolCandidates } from './candidates.js';
import { bakeWinner, compareCandidates, type CycleResult, type CycleSubject } from './cycle.js';

/** What cycles come to. */
export interface Cycles {
  readonly standing: Standing;
  readonly state: CyclesState;
  readonly results: readonly CycleResult[];
  /** Whether each kind was on its plateau at the end. */
  readonly plateaus: Readonly<Record<'a' | 'b', boolean>>;
  /** Why there were no more. */
  readonly ended: 'plateau' | 'cycles' | 'off';
}

interface Banks {
  readonly tools: Readonly<Record<string, PromptBank>>;
  readonly self: PromptBank | null;
}

interface CycleWork {
  readonly tools: readonly string[];
  readonly fraction: (done: number) => number;
  readonly bakes?: typeof bakePart;
}

/**
 * Cycles of tools (A) and of the model's manner (B), in turns: failures are looked at, prompts are tried against them, and the
 * one that is better for certain is baked in part. They end when both kinds are on a plateau, or at their number.
 *
 * @param how `tools`: those that the model calls by itself; `bakes`: a winner, default: as the options say
 */
export async function runCycles(
  run: BakingRun,
  baked: BakedModel,
  begun: Standing,
  { tools, fraction, bakes = bakePart }: CycleWork,
): Promise<Cycles> {
  const { most, window, threshold } = run.options.cycles;
  let standing = begun;
  const results: CycleResult[] = [];
  if (most === 0)
    return { standing, state: startCycles(), results, plateaus: { a: false, b: false }, ended: 'off' };
  const suites = suitesOf(run, tools);
  const before = baked.applied(standing.weights);
  let banks: Banks = { tools: toolBanks(run), self: personaBank(run) };
  let state = startCycles({
    ...(tools.length === 0 ? {} : { a: await scoreOf(run, before, suites.a) }),
    ...(banks.self === null ? {} : { b: await scoreOf(run, before, suites.b) }),
  });
  const settings: CycleSettings = {
    ...{ window, leastGain: threshold, mostCycles: most },
    mostOf: { ...(tools.length === 0 ? { a: 0 } : {}), ...(banks.self === null ? { b: 0 } : {}) },
  };
  for (;;) {
    const next = nextCycle(state, settings);
    if (next.kind === null)
      return { standing, state, results, plateaus: plateausOf(state, settings), ended: next.reason };
    const cycle = results.length + 1;
    const done = (share: number): number => fraction((cycle - 1 + share) / most);
    const { kind } = next;
    const one = await oneCycle(run, baked, standing, { kind, cycle, banks, suites, tools, done, bakes });
    ({ standing, banks } = one);
    results.push(one.result);
    state = withCycle(state, next.kind, { value: one.result.improved, error: one.result.error }, settings);
  }
}

function plateausOf({ series }: CyclesState, settings: CycleSettings): Cycles['plateaus'] {
  const [a, b] = [plateauOf(series.a, settings), plateauOf(series.b, settings)];
  return { a: a.reached, b: b.reached };
}

/** Questions that cycles are scored on, the same ones for all of a kind. */
interface Suites {
  readonly a: Suite;
  readonly b: Suite;
}

interface Suite {
  readonly asked: readonly Asked[];
  readonly holds: (answered: Answered) => boolean;
}

function suitesOf(run: BakingRun, tools: readonly string[]): Suites {
  const { items } = run.options.cycles;
  const each = Math.ceil(items / Math.max(1, tools.length));
  const side = 'held-out';
  return {
    a: {
      asked: tools.flatMap((tool) => toolQuestions(run, tool, { side, count: each }, 'cycles')),
      holds: ({ called }) => called,
    },
    b: {
      asked: personaQuestions(run, { side, count: items, tools }, 'cycles'),
      holds: ({ right }) => right,
    },
  };
}

async function scoreOf(run: BakingRun, model: LiveModel, { asked, holds }: Suite): Promise<number> {
  const answers = await answersOf(run, model, asked);
  return answers.filter(holds).length / answers.length;
}

interface OneCycle {
  readonly kind: 'a' | 'b';
  readonly cycle: number;
  readonly banks: Banks;
  readonly suites: Suites;
  readonly tools: readonly string[];
  readonly done: (share: number) => number;
  readonly bakes: typeof bakePart;
}

async function oneCycle(
  run: BakingRun,
  baked: BakedModel,
  standing: Standing,
  { kind, cycle, banks, suites, tools, done, bakes }: OneCycle,
): Promise<{ readonly standing: Standing; readonly banks: Banks; readonly result: CycleResult }> {
  const label = `${kind}-cycle-${cycle}`;
  const model = baked.applied(standing.weights);
  const suite = suites[kind];
  const bare = await answersOf(run, model, suite.asked);
  const { subject, selfWritten, own } =
    kind === 'a'
      ? toolSubject(run, { banks, suite, bare, label, tools })
      : await selfSubject(run, model, { banks, suite, bare, label, tools });
  const compared = await compareCandidates(run, model, subject, own);
  const winner = compared.winner === null ? null : compared.candidates[compared.winner]!;
  const after =
    winner === null
      ? null
      : await bakeWinner(run, baked, standing, subject, { text: winner.text, label, fraction: done, bakes });
  const next = after?.standing ?? standing;
  const again =
    hashOf(next.weights) === hashOf(standing.weights)
      ? bare
      : await answersOf(run, baked.applied(next.weights), suite.asked);
  const gain = acceptance(bare.map(suite.holds), again.map(suite.holds), { seed: run.ctx.seed });
  const [entry] = after?.entry.entries ?? [];
  const traits =
    winner === null || kind === 'a'
      ? []
      : movedTraits(run, compared.bare, compared.answers[compared.winner!]!);
  await run.ctx.pausePoint(() => Promise.resolve());
  return {
    standing: next,
    banks: measuredBanks(banks, subject, compared.candidates),
    result: {
      ...{ cycle, kind, subject: subject.name, selfWritten, traits },
      failures: bare.filter((answered) => !suite.holds(answered)).length,
      baseline: gain.before,
      ...{ candidates: compared.candidates, winner: compared.winner },
      improved: gain.after,
      error: gain.standardError ?? 0,
      baked:
        entry === undefined || !after!.entry.kept
          ? null
          : { strength: entry.strength, before: entry.before, after: entry.after },
      samples: own.length * (1 + compared.candidates.length),
    },
  };
}

interface SubjectOf {
  readonly banks: Banks;
  readonly suite: Suite;
  readonly bare: readonly Answered[];
  readonly label: string;
  readonly tools: readonly string[];
}

interface Chosen {
  readonly subject: CycleSubject;
  readonly selfWritten: number | null;
  /** Answers without a prompt to the questions of the subject. */
  readonly own: readonly Answered[];
}

/** The tool that fails most. */
function toolSubject(run: BakingRun, { banks, suite, bare, label, tools }: SubjectOf): Chosen {
  const failed = (tool: string): number =>
    bare.filter((answered) => answered.asked.item.tool?.name === tool && !suite.holds(answered)).length;
  const name = tools.reduce((worst, tool) => (failed(tool) > failed(worst) ? tool : worst));
  const own = bare.filter(({ asked }) => asked.item.tool?.name === name);
  return {
    selfWritten: null,
    own,
    subject: {
      ...{ kind: 'a', name, asked: own.map(({ asked }) => asked), holds: suite.holds },
      questions: (side, count) => toolQuestions(run, name, { side, count }, 'cycle bake', label),
      prompts: toolCandidates(run, banks.tools[name]!, name, label),
    },
  };
}

async function selfSubject(
  run: BakingRun,
  model: LiveModel,
  { banks, suite, bare, label, tools }: SubjectOf,
): Promise<Chosen> {
  const { prompts, selfWritten } = await selfDescriptions(run, model, banks.self!, label);
  return {
    ...{ selfWritten, own: bare },
    subject: {
      ...{ kind: 'b', name: 'self', asked: suite.asked, holds: suite.holds, prompts },
      questions: (side, count) => personaQuestions(run, { side, count, tools }, 'cycle bake', label),
    },
  };
}

/** Traits that are shown more often with a prompt than without, for certain: words of the prompt prove nothing. */
function movedTraits(run: BakingRun, bare: readonly Answered[], told: readonly Answered[]): string[] {
  return [...run.personas.keys()].filter((name) => {
    const shown = (answers: readonly Answered[]) =>
      answers.map((answered) => showsTrait(run, name, answered));
    return acceptance(shown(bare), shown(told), { seed: run.ctx.seed }).accepted;
  });
}

function measuredBanks(
  banks: Banks,
  { kind, name, prompts }: CycleSubject,
  candidates: readonly { readonly found: { readonly gain: { readonly value: number } } }[],
): Banks {
  const with_ = (bank: PromptBank): PromptBank =>
    candidates.reduce((all, { found }, i) => withEffect(all, prompts[i]!, found.gain.value), bank);
  return kind === 'a'
    ? { ...banks, tools: { ...banks.tools, [name]: with_(banks.tools[name]!) } }
    : { ...banks, self: with_(banks.self!) };
}
