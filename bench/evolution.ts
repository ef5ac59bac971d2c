import { PHASE } from '../core/contracts/phase.js';
import { openSplit } from '../plugins/phases/shared/data/split.js';
import { scoringData, type ScoringData } from '../plugins/phases/shared/evaluation/scoring.js';
import {
  Evaluator,
  fitnessTerms,
  type Measured,
  type WeightedTerm,
} from '../plugins/phases/evomerge/individuals/evaluator.js';
import { loadFamily, rowLength, type Family } from '../plugins/phases/evomerge/family/family.js';
import { bestOf, fitnessOf } from '../plugins/phases/evomerge/individuals/fitness.js';
import { EvomergeOptions } from '../plugins/phases/evomerge/options.js';
import { SearchReport } from '../plugins/phases/evomerge/search/report.js';
import { Search } from '../plugins/phases/evomerge/search/search.js';
import { openBench, quietContext, type Bench } from './evolution/context.js';
import { VARIANTS, type Variant } from './evolution/variants.js';

export interface EvolutionBenchmarkOptions {
  /** Individuals that each search may measure, the parents and generation 0 among them. */
  readonly evaluations?: number;
  readonly seeds?: readonly number[];
  /** Folder whose storage has the models. */
  readonly folder?: string;
  /** Parts of the names of variants; default: all. */
  readonly variants?: readonly string[];
}

/** `AGENTFORGE_BENCH_EVALUATIONS=161`, `..._SEEDS=1,2`, `..._VARIANTS='CMA-ES;elite: documented'`. */
function settingsOf(env: NodeJS.ProcessEnv): Required<EvolutionBenchmarkOptions> {
  const list = (text: string | undefined, otherwise: string, separator: string): string[] =>
    (text ?? otherwise).split(separator);
  return {
    evaluations: Number(env['AGENTFORGE_BENCH_EVALUATIONS'] ?? 161),
    seeds: list(env['AGENTFORGE_BENCH_SEEDS'], '1,2,3', ',').map(Number),
    variants: list(env['AGENTFORGE_BENCH_VARIANTS'], '', ';'),
    folder: process.cwd(),
  };
}

/** How one search went. */
export interface Trial {
  readonly variant: string;
  readonly seed: number;
  readonly evaluations: number;
  readonly generations: number;
  /** On the documents that were selected on, and on those that were not. */
  readonly selection: Score;
  readonly holdout: Score;
  readonly initial: { readonly selection: number; readonly holdout: number };
  readonly lowestDiversity: number;
  readonly meanDiversity: number;
  readonly modelsHeld: number;
  readonly seconds: number;
  readonly recipe: string;
}

interface Score {
  readonly fitness: number;
  readonly perplexity: number;
  readonly accuracy: number | null;
  readonly averageSteps: number;
  /** Score of each fitness term. */
  readonly components: Readonly<Record<string, number>>;
}

/** What all trials have in common. */
interface Setting {
  readonly bench: Bench;
  readonly options: EvomergeOptions;
  readonly family: Family;
  readonly data: ScoringData;
  readonly terms: readonly WeightedTerm[];
  readonly evaluator: Evaluator;
  /** The best parent on the locked documents. */
  readonly holdoutReference: Measured;
}

/**
 * `agentforge bench evolution`: ways to search for the best merge under equal evaluations, on the newest models of the
 * storage (three are trained where there are none). Nothing is written but those models.
 */
export async function run(
  say: (line: string) => void,
  options: EvolutionBenchmarkOptions = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { evaluations, seeds, folder, variants } = { ...settingsOf(process.env), ...options };
  const bench = await openBench(folder, say);
  try {
    const setting = await prepare(bench, say);
    const trials: Trial[] = [];
    for (const variant of VARIANTS.filter(({ name }) => variants.some((part) => name.includes(part)))) {
      for (const seed of seeds) {
        const trial = await search(setting, variant, seed, evaluations);
        trials.push(trial);
        const { selection, holdout, seconds } = trial;
        say(
          `${variant.name}, seed ${seed}: ${selection.fitness.toFixed(4)}, holdout ${holdout.fitness.toFixed(4)}, ${seconds.toFixed(0)} s`,
        );
      }
    }
    return { evaluations, seeds, parents: await parentScores(setting), trials };
  } finally {
    await bench.dispose();
  }
}

async function prepare(bench: Bench, say: (line: string) => void): Promise<Setting> {
  const ctx = await quietContext(bench, bench.kernel.config.seed);
  const options = optionsOf(bench, {}, ctx);
  const family = await loadFamily(ctx, bench.handoff, true);
  const length = rowLength(options, family);
  const split = await openSplit(ctx, bench.handoff, options.evaluation.datasets);
  const scoring = { ...options.evaluation, length };
  const data = scoringData(split, family.tokenizer.tokenizer, scoring, 'phases.evomerge.evaluation');
  const terms = fitnessTerms(ctx, options);
  const evaluator = await Evaluator.open(bench.engine, family, terms, length);
  say(
    `models of ${family.parents[0]!.model.metadata.session_id}; ${data.selection.documents.length} documents to select on, ${data.holdout.documents.length} held back`,
  );
  const parents: Measured[] = [];
  for (const { weights, constants } of family.parents)
    parents.push(await evaluator.measure(weights, data.holdout, constants));
  const holdoutReference = parents[bestOf(terms, parents)]!;
  return { bench, options, family, data, terms, evaluator, holdoutReference };
}

function optionsOf(
  { kernel }: Bench,
  changes: Variant['options'],
  ctx: { validate: Awaited<ReturnType<typeof quietContext>>['validate'] },
): EvomergeOptions {
  const phase = kernel.config.pipeline.find(({ name }) => name === 'evomerge');
  kernel.resolve(PHASE, 'evomerge');
  return ctx.validate(EvomergeOptions, { ...phase?.options, ...changes }, 'evomerge') as EvomergeOptions;
}

async function search(setting: Setting, variant: Variant, seed: number, evaluations: number): Promise<Trial> {
  const { bench, data, terms, evaluator, holdoutReference } = setting;
  const ctx = await quietContext(bench, seed, variant.mutations);
  const limits = {
    generations: 100_000,
    maxEvaluations: evaluations,
    checkpointEvery: 100_000,
    cache: 100_000,
  };
  const options = optionsOf(bench, { ...variant.options, ...limits }, ctx);
  const family = options.importance ? setting.family : withoutImportance(setting.family);
  const report = new SearchReport(ctx, options);
  const found = await Search.open({ ctx, options, family, data, evaluator, terms, report });
  const { champion, initial, generation, history, peakHeld, seconds } = await found.run();
  const known = new Map(family.parents.map((parent) => [parent.id, parent.weights]));
  const constants = family.parents.find(({ id }) => id === champion.id)?.constants;
  const holdout = await evaluator.measure(found.live.get(champion.id), data.holdout, constants);
  const start = await evaluator.measure(
    found.lineage.rebuild(initial.id, found.builder, known),
    data.holdout,
  );
  const diversities = history.map(({ diversity }) => diversity);
  return {
    variant: variant.name,
    seed,
    evaluations: found.cache.evaluations,
    generations: generation,
    selection: scoreOf(terms, champion.measured, found.reference),
    holdout: scoreOf(terms, holdout, holdoutReference),
    initial: { selection: initial.fitness, holdout: fitnessOf(terms, start, holdoutReference).total },
    lowestDiversity: Math.min(...diversities),
    meanDiversity: diversities.reduce((sum, value) => sum + value, 0) / diversities.length,
    modelsHeld: peakHeld,
    seconds,
    recipe: champion.recipe.operation,
  };
}

function withoutImportance(family: Family): Family {
  return { ...family, parents: family.parents.map((parent) => ({ ...parent, importance: null })) };
}

function scoreOf(terms: readonly WeightedTerm[], measured: Measured, reference: Measured): Score {
  const { perplexity, accuracy, averageSteps } = measured;
  const { total: fitness, components } = fitnessOf(terms, measured, reference);
  return { fitness, perplexity, accuracy, averageSteps, components };
}

async function parentScores({
  family,
  data,
  terms,
  evaluator,
  holdoutReference,
}: Setting): Promise<Record<string, unknown>> {
  const scores: Record<string, unknown> = {};
  const measured: Measured[] = [];
  for (const { weights, constants } of family.parents)
    measured.push(await evaluator.measure(weights, data.selection, constants));
  const reference = measured[bestOf(terms, measured)]!;
  for (const [i, { model, weights, constants }] of family.parents.entries()) {
    const locked = await evaluator.measure(weights, data.holdout, constants);
    scores[model.name] = {
      selection: scoreOf(terms, measured[i]!, reference),
      holdout: scoreOf(terms, locked, holdoutReference),
    };
  }
  return scores;
}
