import { createHash } from 'node:crypto';
import { DATASET, type DataRecord, type Dataset } from '../../../contracts/dataset.js';
import type { PhaseContext } from '../../../contracts/phase.js';
import { TOKENIZER, type Tokenizer } from '../../../contracts/tokenizer.js';
import { ForgeError } from '../../../errors/index.js';
import {
  contentHash,
  corpusHash,
  hashFraction,
  recordKey,
  splitDatasets,
  toDocument,
} from '../../../nn/data/index.js';
import { modelTokenizer } from '../../../nn/models/index.js';
import { evaluationSet, type EvaluationSet, type ScoredDocument } from '../../../nn/evaluation/index.js';
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
  readonly datasets: readonly string[];
  readonly holdout_fraction: number;
  readonly answer_only: boolean;
  readonly corpus_hash: string | null;
  readonly tokenizer: string | undefined;
}

interface Candidate {
  readonly dataset: string;
  readonly record: DataRecord;
  readonly document: ScoredDocument;
  readonly key: string;
}

/** Load the datasets again, keep what was held out from training, and pack whole documents of both halves. */
export async function prepareEvaluation(
  ctx: PhaseContext,
  options: EvomergeOptions,
  family: Family,
  facts: Readonly<Record<string, unknown>>,
): Promise<EvaluationData> {
  const training = trainingData(facts, options.evaluation.datasets);
  const tokenizer = await ownTokenizer(ctx, family, training.tokenizer);
  const { datasets, loaded } = await loadDatasets(ctx, training.datasets);
  const splits = splitDatasets(loaded, { heldoutFraction: training.holdout_fraction });
  const length = rowLength(options, family);
  const candidates = splits.flatMap(({ name, heldout }) =>
    heldout.map((record) =>
      candidateOf(name, record, tokenizer, training.answer_only, options.evaluation.answerMark),
    ),
  );
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
    training.corpus_hash !== null && corpusHash(splits, family.tokenizer.sha256) !== training.corpus_hash;
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
): TrainingData {
  const { datasets, holdout_fraction, answer_only, corpus_hash, tokenizer } = facts;
  const names = chosen ?? (Array.isArray(datasets) ? (datasets as string[]) : null);
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
    datasets: names,
    holdout_fraction,
    answer_only: answer_only !== false,
    corpus_hash: chosen === null && typeof corpus_hash === 'string' ? corpus_hash : null,
    tokenizer: typeof tokenizer === 'string' ? tokenizer : undefined,
  };
}

async function loadDatasets(ctx: PhaseContext, names: readonly string[]) {
  const datasets: Record<string, Dataset> = {};
  const loaded: { name: string; records: readonly DataRecord[] }[] = [];
  for (const [done, name] of names.entries()) {
    ctx.progress({ task: 'data', done, total: names.length, unit: 'dataset', values: {}, etaSeconds: null });
    const dataset = ctx.resolve(DATASET, name);
    datasets[name] = dataset;
    loaded.push({ name, records: await dataset.load({ ...ctx.data, seed: ctx.seed, log: ctx.log }) });
  }
  return { datasets, loaded };
}

/** Rows no longer than the models read. */
export function rowLength(options: EvomergeOptions, { architecture, constants }: Family): number {
  return Math.min(options.evaluation.length, architecture.contextLength(constants.hyperparameters));
}

function candidateOf(
  dataset: string,
  record: DataRecord,
  tokenizer: Tokenizer,
  answerOnly: boolean,
  mark: string,
): Candidate {
  const document = toDocument(record, tokenizer, { answerOnly, bos: true });
  return {
    dataset,
    record,
    document: { ...document, answerStart: answerStart(record, tokenizer, document.ids.length, mark) },
    key: recordKey(record),
  };
}

/** First token after the answer mark, or of the whole output where there is none; null without an output. */
function answerStart(
  { input, output }: DataRecord,
  tokenizer: Tokenizer,
  length: number,
  mark: string,
): number | null {
  if (input === undefined || output === undefined) return null;
  const ids = tokenizer.encode(output);
  const first = length - ids.length - (tokenizer.special.eos === null ? 0 : 1);
  let known = 0;
  if (output.includes(mark)) while (!tokenizer.decode(ids.slice(0, known)).includes(mark)) known += 1;
  // Nothing is predicted before the first token of a document.
  return first + known === 0 || first + known >= length ? null : first + known;
}

/** Documents that fit a row. Of a dataset in which none does, texts are read up to the end of the row instead. */
function whatFits(
  candidates: readonly Candidate[],
  names: readonly string[],
  length: number,
): { readonly fitting: readonly Candidate[]; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const fitting = names.flatMap((name) => {
    const own = candidates.filter(({ dataset }) => dataset === name);
    const whole = own.filter(({ document }) => document.ids.length <= length);
    const left = own.length - whole.length;
    if (whole.length === 0 && left > 0) {
      warnings.push(
        `All held-out documents of ${name} are longer than ${length} tokens: only texts count, up to there.`,
      );
      return own.filter(({ document }) => document.answerStart === null).map((text) => upTo(text, length));
    }
    if (left > 0)
      warnings.push(
        `${left} of ${own.length} held-out documents of ${name} are longer than ${length} tokens and were left out.`,
      );
    return whole;
  });
  return { fitting, warnings };
}

function upTo(candidate: Candidate, length: number): Candidate {
  const { ids, lossMask } = candidate.document;
  const document = { ids: ids.slice(0, length), lossMask: lossMask.slice(0, length), answerStart: null };
  return { ...candidate, document };
}

/** By content, with a hash of its own: the side does not follow from having been held out. */
function halves(candidates: readonly Candidate[]): [Candidate[], Candidate[]] {
  const isLocked = ({ key }: Candidate): boolean => hashFraction(contentHash(`locked ${key}`)) < 0.5;
  return [candidates.filter(isLocked), candidates.filter((candidate) => !isLocked(candidate))];
}

/** Documents of about `tokens` tokens, the same share of every dataset (one document at least), in an order of their content. */
function spread(candidates: readonly Candidate[], names: readonly string[], tokens: number): Candidate[] {
  return names.flatMap((name) => {
    const own = candidates
      .filter(({ dataset }) => dataset === name)
      .map((candidate) => ({
        candidate,
        order: contentHash(`order ${candidate.key} ${candidate.record.text}`),
      }));
    own.sort((a, b) => (a.order < b.order ? -1 : 1));
    let left = tokens / names.length;
    return own.flatMap(({ candidate }) => {
      if (left <= 0) return [];
      left -= candidate.document.ids.length;
      return [candidate];
    });
  });
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
