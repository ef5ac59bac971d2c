import type { TensorDict } from '../../../core/contracts/tensor.js';
import { causalityDifference, Forwards } from '../../../nn/evaluation/index.js';
import { completeText, continueGreedily, Generator } from '../../../nn/generation/index.js';
import type { Constants } from './constants.js';
import type { Measured } from './evaluator.js';
import { bestOf, fitnessOf } from './fitness.js';
import type { Individual } from './individual.js';
import { FINALE_SHARES } from './report.js';
import type { Search, SearchParts } from './search.js';

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
  readonly championWeights: TensorDict;
  readonly championConstants: Constants;
  /** Questions that were asked. */
  readonly questions: number;
  readonly causality: number;
  readonly sample: { readonly prompt: string; readonly text: string };
}

interface Contender {
  readonly name: string;
  readonly id: string;
  readonly weights: TensorDict;
  readonly constants: Constants;
}

/** Score champion, parents and the best of generation 0 on documents that nothing was selected on; once. */
export async function runFinale(parts: SearchParts, search: Search): Promise<Finale> {
  const { family, data, evaluator, terms, report } = parts;
  const { champion, initial } = search.state;
  const parents = family.parents.map((parent): Contender => ({ ...parent, name: parent.model.name }));
  const known = new Map(family.parents.map(({ id, weights }) => [id, weights]));
  const contender = (name: string, { id }: Individual, weights: TensorDict): Contender => ({
    name,
    id,
    weights,
    constants: family.parents.find((parent) => parent.id === id)?.constants ?? family.constants,
  });
  const all = [
    contender('champion', champion, search.live.get(champion.id)),
    contender('generation_0', initial, search.lineage.rebuild(initial.id, search.builder, known)),
    ...parents,
  ];
  const measured: Measured[] = [];
  for (const { weights, constants } of all) {
    await report.measuring('holdout', measured.length, all.length, FINALE_SHARES.holdout);
    measured.push(await evaluator.measure(weights, data.holdout, constants));
  }
  await report.measuring('holdout', measured.length, all.length, FINALE_SHARES.holdout);
  const reference = measured[2 + bestOf(terms, measured.slice(2))]!;
  const generated = await generatedAccuracies(
    parts,
    all.filter(({ name }) => name !== 'generation_0'),
  );
  const finalists = all.map(({ name, id }, i): Finalist => ({
    name,
    id,
    holdout: measured[i]!,
    holdoutFitness: fitnessOf(terms, measured[i]!, reference).total,
    generatedAccuracy: generated.accuracies.get(id) ?? null,
  }));
  const [first, second, ...rest] = finalists;
  return {
    champion: first!,
    initial: second!,
    parents: rest,
    championWeights: all[0]!.weights,
    championConstants: all[0]!.constants,
    questions: generated.questions,
    causality: await causalityOf(parts, all[0]!),
    sample: await sampleOf(parts, all[0]!),
  };
}

/** Free greedy answers of champion and parents to the same questions, graded by their datasets. Equal models are asked once. */
async function generatedAccuracies(
  { ctx, options, data, family, report }: SearchParts,
  contenders: readonly Contender[],
): Promise<{ readonly questions: number; readonly accuracies: ReadonlyMap<string, number | null> }> {
  const { records, rows, maxTokens } = options.generation;
  const questions = data.questions.slice(0, records);
  const { tokenizer } = data;
  const known = new Map<string, number | null>();
  let asked = 0;
  for (const [i, { id, weights, constants }] of contenders.entries()) {
    if (questions.length === 0) break;
    await report.measuring('answers', i, contenders.length, FINALE_SHARES.answers);
    if (known.has(id)) continue;
    const model = {
      engine: await ctx.engine(),
      architecture: family.architecture,
      config: constants.hyperparameters,
      weights,
      halt: constants.halt,
    };
    const prompts = questions.map(({ prompt }) => prompt);
    const limits = { rows, maxTokens, stop: tokenizer.special.eos, vocabulary: tokenizer.vocabularySize };
    const answers = await continueGreedily(model, prompts, limits);
    const graded = answers.flatMap((ids, i) => {
      if (ids === null) return [];
      const { dataset, record } = questions[i]!;
      return [data.datasets[dataset]!.grade!(record, tokenizer.decode(ids)) === true];
    });
    asked = graded.length;
    known.set(id, graded.length === 0 ? null : graded.filter(Boolean).length / graded.length);
  }
  if (questions.length > 0)
    await report.measuring('answers', contenders.length, contenders.length, FINALE_SHARES.answers);
  return { questions: asked, accuracies: known };
}

async function causalityOf(
  { ctx, family, data }: SearchParts,
  { weights, constants }: Contender,
): Promise<number> {
  const engine = await ctx.engine();
  const state = await engine.createState(weights);
  try {
    const subject = {
      architecture: family.architecture,
      config: constants.hyperparameters,
      specs: family.specs,
    };
    const row = data.holdout.batches[0]!.ids.slice(0, data.holdout.length);
    return await causalityDifference(new Forwards(engine, subject, state), subject, row, ctx.seed);
  } finally {
    await state.dispose();
  }
}

async function sampleOf(
  { ctx, options, family, data }: SearchParts,
  { weights, constants }: Contender,
): Promise<{ prompt: string; text: string }> {
  const { prompt, maxTokens, temperature } = options.sample;
  const generator = await Generator.create({
    engine: await ctx.engine(),
    architecture: family.architecture,
    config: constants.hyperparameters,
    weights,
    halt: constants.halt,
  });
  try {
    const sampling = { temperature, topK: 50, topP: 0.95, maxTokens, seed: ctx.seed };
    return { prompt, text: await completeText(generator, data.tokenizer, prompt, sampling) };
  } finally {
    await generator.dispose();
  }
}

/** Names of models to numbers, for metrics and handoff. */
export function byName<T>(finale: Finale, of: (finalist: Finalist) => T): Record<string, T> {
  return Object.fromEntries(
    [finale.champion, finale.initial, ...finale.parents].map((each) => [each.name, of(each)]),
  );
}
