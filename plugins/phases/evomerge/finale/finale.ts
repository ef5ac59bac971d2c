import type { HaltingFacts } from '../../../../core/contracts/data-facts.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { freeAnswers } from '../../shared/evaluation/answers.js';
import { measureCausality } from '../../shared/evaluation/probe.js';
import { sampleText } from '../../shared/evaluation/sample.js';
import type { LiveModel } from '../../shared/model/open.js';
import type { Constants } from '../family/constants.js';
import { liveModel } from '../family/family.js';
import type { Measured } from '../individuals/evaluator.js';
import { bestOf, fitnessOf } from '../individuals/fitness.js';
import type { Search, SearchParts } from '../search/search.js';

/** A model at the end of the search. */
export interface Finalist {
  /** `champion`, `generation_0`, or the name of a parent. */
  readonly name: string;
  readonly id: string;
  /** On the locked half, with the best parent there as reference. */
  readonly holdout: Measured;
  readonly holdoutFitness: number;
  /** Share of questions answered rightly in free generation; null where none was asked. */
  readonly generatedAccuracy: number | null;
}

/** Everything measured once the search is over. */
export interface Finale {
  readonly champion: Finalist;
  readonly initial: Finalist;
  readonly parents: readonly Finalist[];
  /** The champion itself. */
  readonly winner: { readonly model: LiveModel; readonly halting: HaltingFacts | null };
  /** Questions that were asked. */
  readonly questions: number;
  readonly causality: number;
}

interface Contender {
  readonly name: string;
  readonly id: string;
  readonly weights: TensorDict;
  readonly constants: Constants;
}

/** Score champion, parents and the best of generation 0 on documents that nothing was selected on; once. */
export async function runFinale(parts: SearchParts, search: Search): Promise<Finale> {
  const { ctx, options, family, data, terms } = parts;
  const all = contenders(parts, search);
  const measured = await scoreHoldout(parts, all);
  const reference = measured[2 + bestOf(terms, measured.slice(2))]!;
  const answers = await answer(
    parts,
    all.filter(({ name }) => name !== 'generation_0'),
  );
  const finalists = all.map(({ name, id }, i): Finalist => ({
    name,
    id,
    holdout: measured[i]!,
    holdoutFitness: fitnessOf(terms, measured[i]!, reference).total,
    generatedAccuracy: answers.accuracies.get(id) ?? null,
  }));
  const [champion, initial, ...parents] = finalists as [Finalist, Finalist, ...Finalist[]];
  const { weights, constants } = all[0]!;
  const model = liveModel(family, weights, constants);
  const row = data.holdout.batches[0]!.ids.slice(0, data.holdout.length);
  const causality = await measureCausality(await ctx.engine(), model, row, ctx.seed);
  await sampleText(ctx, 'champion', { model, tokenizer: family.tokenizer.tokenizer }, options.sample);
  const winner = { model, halting: constants.halting };
  return { champion, initial, parents, winner, questions: answers.asked, causality };
}

/** Champion, best of generation 0, parents. One that is a parent keeps that parent's constants. */
function contenders({ family }: SearchParts, { state, live, lineage, builder }: Search): Contender[] {
  const { champion, initial } = state;
  const known = new Map(family.parents.map(({ id, weights }) => [id, weights]));
  const contender = (name: string, id: string, weights: TensorDict): Contender => {
    const parent = family.parents.find((each) => each.id === id);
    return { name, id, weights, constants: parent?.constants ?? family.constants };
  };
  return [
    contender('champion', champion.id, live.get(champion.id)),
    contender('generation_0', initial.id, lineage.rebuild(initial.id, builder, known)),
    ...family.parents.map(({ id, model, weights }) => contender(model.name, id, weights)),
  ];
}

async function scoreHoldout(
  { data, evaluator, report }: SearchParts,
  all: readonly Contender[],
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const { weights, constants } of all) {
    await report.measuring('holdout', measured.length, all.length);
    measured.push(await evaluator.measure(weights, data.holdout, constants));
  }
  await report.measuring('holdout', measured.length, all.length);
  return measured;
}

/** Free answers of champion and parents to the same questions. Equal models are asked once. */
async function answer(
  { ctx, options, data, family, report }: SearchParts,
  all: readonly Contender[],
): Promise<{ readonly asked: number; readonly accuracies: ReadonlyMap<string, number | null> }> {
  const questions = data.questions.slice(0, options.generation.records);
  const accuracies = new Map<string, number | null>();
  let asked = 0;
  if (questions.length === 0) return { asked, accuracies };
  for (const [i, { id, weights, constants }] of all.entries()) {
    await report.measuring('answers', i, all.length);
    if (accuracies.has(id)) continue;
    const subject = { model: liveModel(family, weights, constants), tokenizer: family.tokenizer.tokenizer };
    const found = await freeAnswers(ctx, subject, questions, options.generation);
    asked = found.asked;
    accuracies.set(id, found.accuracy);
  }
  await report.measuring('answers', all.length, all.length);
  return { asked, accuracies };
}

/** Names of models to numbers, for metrics and handoff. */
export function byName<T>(finale: Finale, of: (finalist: Finalist) => T): Record<string, T> {
  return Object.fromEntries(
    [finale.champion, finale.initial, ...finale.parents].map((each) => [each.name, of(each)]),
  );
}
