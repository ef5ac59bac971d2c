import type { LiveModel } from '../../shared/model/open.js';
import type { Answered } from '../../shared/tasks/asking.js';
import type { Asked, Turn } from '../../shared/tasks/prompts.js';
import { promptIds } from '../../shared/tasks/prompts.js';
import type { BakingRun } from '../prepare.js';
import { answersOf, shareOf } from '../tools/check.js';
import { personaQuestions, showsTrait, withTag } from './questions.js';

/** What personas come to. JSON. */
export interface PersonaResults {
  readonly names: readonly string[];
  readonly items: number;
  /** `confusion[persona][trait]`: share of the answers of a persona that show a trait; the last row is of none. */
  readonly confusion: readonly (readonly number[])[];
  /** Whether answers as A, then as B, then as A again are the same for A, by pair; null: there are not two. */
  readonly switching: { readonly pairs: number; readonly equal: number } | null;
  /** Share of the conversations in which the trait was shown at each turn, by persona. */
  readonly stability: Readonly<Record<string, readonly number[]>>;
  /** Share of the answers without a persona that are what they were before personas were baked; null: not asked. */
  readonly unaffected: number | null;
}

/** The model as each persona, and as none. */
export interface PersonaModels {
  readonly none: LiveModel;
  readonly of: (name: string) => LiveModel;
  /** Before personas were baked. */
  readonly before: LiveModel;
}

/** @param names that were baked @param tools that the model calls by itself */
export async function examinePersonas(
  run: BakingRun,
  models: PersonaModels,
  {
    names,
    tools,
    told,
  }: {
    readonly names: readonly string[];
    readonly tools: readonly string[];
    readonly told: (done: number) => void | Promise<void>;
  },
): Promise<PersonaResults> {
  const { personaItems: count } = run.options.examination;
  const asked = personaQuestions(run, { side: 'held-out', count, tools }, 'examination');
  const answers = new Map<string, readonly Answered[]>();
  const confusion: number[][] = [];
  for (const name of names) {
    const own = await answersOf(
      run,
      models.of(name),
      asked.map((one) => withTag(run, name, one)),
    );
    answers.set(name, own);
    confusion.push(traitsOf(run, names, own));
    await told(confusion.length);
  }
  const bare = await answersOf(run, models.none, asked);
  return {
    ...{ names, items: asked.length, confusion: [...confusion, traitsOf(run, names, bare)] },
    switching: await switched(run, models, asked, answers),
    stability: await stabilities(run, models, names, asked, (done) => told(names.length + done)),
    unaffected: names.length === 0 ? null : await unaffected(run, models, asked, bare),
  };
}

function traitsOf(run: BakingRun, names: readonly string[], answers: readonly Answered[]): number[] {
  return names.map((trait) => shareOf(answers, (answered) => showsTrait(run, trait, answered)));
}

/** Questions that are asked in turns. */
const SWITCHED = 16;

/** As A, as B, as A again, for every pair of neighbours: what A says must not depend on who spoke before. */
async function switched(
  run: BakingRun,
  models: PersonaModels,
  asked: readonly Asked[],
  answers: ReadonlyMap<string, readonly Answered[]>,
): Promise<PersonaResults['switching']> {
  const names = [...answers.keys()];
  if (names.length < 2) return null;
  const some = asked.slice(0, SWITCHED);
  const as = (name: string): Promise<readonly Answered[]> =>
    answersOf(
      run,
      models.of(name),
      some.map((one) => withTag(run, name, one)),
    );
  let equal = 0;
  for (const [i, name] of names.entries()) {
    const other = names[(i + 1) % names.length]!;
    await as(other);
    const again = await as(name);
    const before = answers.get(name)!;
    if (again.every(({ ids }, k) => same(ids, before[k]!.ids))) equal++;
  }
  return { pairs: names.length, equal };
}

async function unaffected(
  run: BakingRun,
  { before }: PersonaModels,
  asked: readonly Asked[],
  bare: readonly Answered[],
): Promise<number> {
  const earlier = await answersOf(run, before, asked);
  return shareOf(
    bare.map((answered, i) => same(answered.ids, earlier[i]!.ids)),
    Boolean,
  );
}

function same(one: readonly number[] | null, other: readonly number[] | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * Conversations of each persona: every answer stands in front of the next question, of which it reads as
 * many as it was taught with and the context has room for, as in a chat; the persona is named once, in front.
 */
async function stabilities(
  run: BakingRun,
  models: PersonaModels,
  names: readonly string[],
  asked: readonly Asked[],
  told: (done: number) => void | Promise<void>,
): Promise<PersonaResults['stability']> {
  const { conversations, turns } = run.options.examination;
  const { mostTurns: most } = run.options.personas.lessons;
  const stability: Record<string, readonly number[]> = {};
  for (const name of names) {
    let talks = Array.from({ length: conversations }, (): readonly Turn[] => []);
    const shares: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const questions = talks.map((talk, i): Asked => {
        const one = asked[(turn * conversations + i) % asked.length]!;
        return fitting(run, withTag(run, name, { ...one, turns: most === 0 ? [] : talk.slice(-most) }));
      });
      const answers = await answersOf(run, models.of(name), questions);
      shares.push(shareOf(answers, (answered) => showsTrait(run, name, answered)));
      talks = answers.map(({ text, asked: { item } }, i) => [
        ...talks[i]!,
        { question: item.question, answer: text },
      ]);
    }
    stability[name] = shares;
    await told(Object.keys(stability).length);
  }
  return stability;
}

/** Without the oldest turns, so far that question and answer fit the context. */
function fitting(run: BakingRun, asked: Asked): Asked {
  const { architecture, config } = run.start;
  const room = architecture.contextLength(config.hyperparameters) - run.taskTokens;
  let { turns = [] } = asked;
  while (turns.length > 0 && promptIds(run.language, { ...asked, turns }).length > room)
    turns = turns.slice(1);
  return { ...asked, turns };
}
