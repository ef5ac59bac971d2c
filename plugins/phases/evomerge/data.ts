import { createHash } from 'node:crypto';
import { DATASET, type DataRecord, type Dataset } from '../../../core/contracts/dataset.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import { TOKENIZER, type Tokenizer } from '../../../core/contracts/tokenizer.js';
import { ForgeError } from '../../../core/errors/index.js';
import { corpusHash, splitDatasets, type NamedRecords, type SplitRecords } from '../../../nn/data/index.js';
import { modelTokenizer } from '../../../nn/models/index.js';
import { evaluationSet, type EvaluationSet } from '../../../nn/evaluation/index.js';
import { candidatesOf, halves, spread, whatFits, type Candidate } from './candidates.js';
import type { Family } from './family.js';
import type { EvomergeOptions } from './options.js';

/** A held-out question that can be graded. */
export interface Question {
  readonly dataset: string;
  readonly record: DataRecord;
  /** Ids to continue, the start of a document included. */
  readonly prompt: readonly number[];
}

/** Held-out documents in two halves that share nothing, decided by their content alone. */
export interface EvaluationData {
  readonly tokenizer: Tokenizer;
  readonly datasets: Readonly<Record<string, Dataset>>;
  /** What fitness is measured on. */
  readonly selection: EvaluationSet;
  /** What is scored at the end and never selected on. */
  readonly holdout: EvaluationSet;
  /** Of the second half. */
  readonly questions: readonly Question[];
  /** Identifies both halves. */
  readonly hash: string;
  readonly warnings: readonly string[];
}

/** What the handoff says about the data that the models were trained on. */
interface TrainingData {
  /** What was split when training, in that order; empty where that is not known or not there. */
  readonly trained: readonly string[];
  /** What is measured on. */
  readonly datasets: readonly string[];
  readonly holdout_fraction: number;
  readonly answer_only: boolean;
  readonly corpus_hash: string | null;
  readonly tokenizer: string | undefined;
}

/** Load the datasets again, keep what was held out from training, and pack whole documents of both halves. */
export async function prepareEvaluation(
  ctx: PhaseContext,
  options: EvomergeOptions,
  family: Family,
  facts: Readonly<Record<string, unknown>>,
): Promise<EvaluationData> {
  const training = trainingData(facts, options.evaluation.datasets, ctx.names(DATASET));
  const tokenizer = await ownTokenizer(ctx, family, training.tokenizer);
  const { datasets, splits, trained } = await loadSplits(ctx, training);
  const length = rowLength(options, family);
  const { answer_only: answerOnly } = training;
  const { answerMark: mark } = options.evaluation;
  const candidates = splits.flatMap((split) => candidatesOf(split, tokenizer, { answerOnly, mark }));
  const { fitting, warnings } = whatFits(candidates, training.datasets, length);
  const [locked, free] = halves(fitting);
  const selected = spread(free, training.datasets, options.evaluation.selection);
  const kept = spread(locked, training.datasets, options.evaluation.holdout);
  if (selected.length === 0 || kept.length === 0) throw nothingHeldOut(length);
  const padId = tokenizer.special.pad ?? tokenizer.special.eos ?? 0;
  const selection = evaluationSet(
    selected.map(({ document }) => document),
    {
      rows: options.evaluation.rows,
      length,
      padId,
      balance: true,
    },
  );
  const holdout = evaluationSet(
    kept.map(({ document }) => document),
    { rows: selection.rows, length, padId },
  );
  const changed =
    training.corpus_hash !== null && corpusHash(trained, family.tokenizer.sha256) !== training.corpus_hash;
  return {
    tokenizer,
    datasets,
    selection,
    holdout,
    questions: questionsOf(kept, datasets, tokenizer),
    hash: hashOf(selection, holdout),
    warnings: [
      ...(changed
        ? ['The data is not what the models were trained on; what is held out is still decided by content.']
        : []),
      ...warnings,
    ],
  };
}

/** Of the models, as their metadata or, in older ones, the handoff records it. */
async function ownTokenizer(
  ctx: PhaseContext,
  family: Family,
  recorded: string | undefined,
): Promise<Tokenizer> {
  const { model } = family.parents[0]!;
  const known = { ...(recorded === undefined ? {} : { tokenizer_kind: recorded }), ...model.metadata };
  return modelTokenizer({ ...model, metadata: known }, await ctx.store.readText(family.tokenizer), {
    names: ctx.names(TOKENIZER),
    resolve: (kind) => ctx.resolve(TOKENIZER, kind),
  });
}

function trainingData(
  facts: Readonly<Record<string, unknown>>,
  chosen: readonly string[] | null,
  known: readonly string[],
): TrainingData {
  const { datasets, holdout_fraction, answer_only, corpus_hash, tokenizer } = facts;
  const trained = Array.isArray(datasets) ? (datasets as string[]) : null;
  const names = chosen ?? trained;
  // Whoever measures on other data need not have the data of the training at hand.
  const there = trained !== null && (chosen === null || trained.every((name) => known.includes(name)));
  if (names === null || typeof holdout_fraction !== 'number') {
    throw new ForgeError(
      'AF_HANDOFF_INVALID',
      'The handoff does not say what data the models were trained on.',
      {
        at: 'facts.datasets, facts.holdout_fraction',
        fix: 'Train the models again with this version, so that what was held out from them is known.',
      },
    );
  }
  return {
    trained: there ? trained : [],
    datasets: names,
    holdout_fraction,
    answer_only: answer_only !== false,
    corpus_hash: there && typeof corpus_hash === 'string' ? corpus_hash : null,
    tokenizer: typeof tokenizer === 'string' ? tokenizer : undefined,
  };
}

interface LoadedSplits {
  readonly datasets: Readonly<Record<string, Dataset>>;
  /** Of the datasets that are measured on. */
  readonly splits: readonly SplitRecords[];
  /** Of the datasets that were trained on. */
  readonly trained: readonly SplitRecords[];
}

/**
 * What is held out was decided over all datasets of the training, in their order: the same ones are split again, whichever
 * of them are measured on. Others are split after them.
 */
async function loadSplits(ctx: PhaseContext, training: TrainingData): Promise<LoadedSplits> {
  const { trained, datasets: measured } = training;
  const names = [...new Set([...trained, ...measured])];
  const datasets: Record<string, Dataset> = {};
  const loaded: NamedRecords[] = [];
  for (const [done, name] of names.entries()) {
    ctx.progress({ task: 'data', done, total: names.length, unit: 'dataset', values: {}, etaSeconds: null });
    const dataset = ctx.resolve(DATASET, name);
    if (measured.includes(name)) datasets[name] = dataset;
    loaded.push({ name, records: await dataset.load({ ...ctx.data, seed: ctx.seed, log: ctx.log }) });
  }
  const options = { heldoutFraction: training.holdout_fraction };
  const known = splitDatasets(loaded.slice(0, trained.length), options);
  const all =
    names.length === trained.length
      ? known
      : [...known, ...splitDatasets(loaded, options).slice(trained.length)];
  return {
    datasets,
    trained: known,
    splits: measured.map((name) => all[names.indexOf(name)]!),
  };
}

/** Rows no longer than the models read. */
export function rowLength(options: EvomergeOptions, { architecture, constants }: Family): number {
  return Math.min(options.evaluation.length, architecture.contextLength(constants.hyperparameters));
}

/** Questions of datasets that grade answers, datasets in turn. */
function questionsOf(
  candidates: readonly Candidate[],
  datasets: Readonly<Record<string, Dataset>>,
  tokenizer: Tokenizer,
): Question[] {
  const start = tokenizer.special.bos === null ? [] : [tokenizer.special.bos];
  const byDataset = Object.keys(datasets).map((name) =>
    candidates.filter(
      ({ dataset, record }) =>
        dataset === name &&
        record.input !== undefined &&
        (datasets[name]!.grade?.(record, record.output!) ?? null) !== null,
    ),
  );
  const most = Math.max(0, ...byDataset.map((own) => own.length));
  return Array.from({ length: most }, (_, i) => byDataset.flatMap((own) => own.slice(i, i + 1)))
    .flat()
    .map(({ dataset, record }) => ({
      dataset,
      record,
      prompt: [...start, ...tokenizer.encode(record.input!)],
    }));
}

function hashOf(...sets: readonly EvaluationSet[]): string {
  const hash = createHash('sha256');
  for (const { rows, length, batches, documents } of sets) {
    hash.update(JSON.stringify([rows, length, documents]));
    for (const { ids, targets } of batches) hash.update(ids).update(targets);
  }
  return hash.digest('hex');
}

function nothingHeldOut(length: number): ForgeError {
  return new ForgeError(
    'AF_DATA_EMPTY',
    `No held-out document of at most ${length} tokens is left to measure fitness on.`,
    {
      at: 'phases.evomerge.evaluation',
      fix: 'Raise evaluation.length, give larger datasets, or hold out more when training.',
    },
  );
}
