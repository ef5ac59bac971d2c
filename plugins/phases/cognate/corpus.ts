import { DATASET, type DataCategory, type DataRecord } from '../../../core/contracts/dataset.js';
import type { ArtifactRef } from '../../../core/contracts/model.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import { TOKENIZER, type Tokenizer } from '../../../core/contracts/tokenizer.js';
import {
  IGNORED_TARGET,
  corpusHash,
  evaluationBatches,
  packDatasets,
  splitDatasets,
  targetCounts,
  trainingTexts,
  unigramCrossEntropy,
  type EvaluationBatch,
  type PackedDataset,
  type PackedRow,
  type SplitRecords,
} from '../../../nn/data/index.js';
import type { HostBatch } from '../../../nn/training/index.js';
import type { StartingModel } from '../shared/starting-model.js';
import { checkCorpus, checkSplits } from './corpus-check.js';
import type { CognateOptions } from './options.js';

/** One dataset, ready to train and evaluate on. */
export interface CorpusSet {
  readonly name: string;
  readonly category: DataCategory;
  readonly synthetic: boolean;
  readonly train: readonly PackedRow[];
  readonly trainTokens: number;
  /** Fixed held-out batches. */
  readonly heldOut: readonly HostBatch[];
  readonly heldOutTargets: number;
  /** Held-out loss of token frequencies alone, nats: what a model must be well below. NaN where nothing is held out. */
  readonly unigram: number;
  readonly counts: RecordCounts;
}

/** Records of a dataset by what became of them. */
export interface RecordCounts {
  readonly train: number;
  readonly heldOut: number;
  /** Left out: an equal text came before, in this dataset or an earlier one. */
  readonly duplicates: number;
}

export interface Corpus {
  readonly sets: readonly CorpusSet[];
  readonly tokenizer: Tokenizer;
  /** Name of the plugin that reads the tokenizer. */
  readonly tokenizerKind: string;
  readonly tokenizerRef: ArtifactRef;
  /** Mean of the sets' unigram losses, weighted by held-out targets, nats. */
  readonly unigram: number;
  /** Identifies texts, splits and tokenizer. */
  readonly hash: string;
  /** What was left out, cut, or is so little that it will show. */
  readonly warnings: readonly string[];
}

/**
 * Load, dedupe and split the datasets, train the tokenizer on the training split (a model to go on from brings its own), pack rows. Same input, same bits. Tells
 * what is left out before anything is trained.
 * @throws ForgeError AF_DATA_TOO_SMALL, AF_DATA_WEIGHTS where the data cannot be split or trained on
 */
export async function prepareCorpus(
  ctx: PhaseContext,
  options: CognateOptions,
  start: StartingModel | null,
): Promise<Corpus> {
  const loaded = await loadAll(ctx, options.data.datasets);
  const splits = splitDatasets(loaded, { heldoutFraction: options.data.holdout });
  const warnings = checkSplits(splits);
  const tokenizer = start?.tokenizer ?? (await trainTokenizer(ctx, options, splits));
  const tokenizerRef = await ctx.store.put('tokenizer.json', tokenizer.serialize());
  const packed = packDatasets(splits, tokenizer, {
    rowLength: options.training.length,
    answerOnly: options.data.answerOnly,
    bos: true,
  });
  const sets = packed.map((set, i) => corpusSet(set, loaded[i]!, splits[i]!, tokenizer, options));
  warnings.push(...checkCorpus(sets, tokenizer.vocabularySize, options));
  for (const warning of warnings) ctx.log.warn(warning);
  ctx.log.info(`records: ${sets.map(describeCounts).join(', ')}`);
  return {
    sets,
    tokenizer,
    tokenizerKind: start?.tokenizerKind ?? options.tokenizer.kind,
    tokenizerRef,
    unigram: weightedUnigram(sets.filter((set) => set.heldOutTargets > 0)),
    hash: corpusHash(splits, tokenizerRef.sha256),
    warnings,
  };
}

function corpusSet(
  { name, train, heldout }: PackedDataset,
  { category, synthetic }: LoadedDataset,
  split: SplitRecords,
  { vocabularySize }: Tokenizer,
  options: CognateOptions,
): CorpusSet {
  const batches = heldOutBatchesOf(heldout.rows, options);
  const heldOutCounts = targetCounts(batches, vocabularySize);
  return {
    name,
    category,
    synthetic,
    train: train.rows,
    trainTokens: train.tokens,
    heldOut: batches.map(({ ids, targets, segments }) => ({ ids, targets, segments })),
    heldOutTargets: heldOutCounts.reduce((sum, count) => sum + count, 0),
    unigram: unigramCrossEntropy(targetCounts(train.rows, vocabularySize), heldOutCounts) ?? NaN,
    counts: { train: split.train.length, heldOut: split.heldout.length, duplicates: split.duplicates },
  };
}

/** Rows spread evenly over the set; where none of those has a target (long questions, short answers), of the rows that do. */
function heldOutBatchesOf(rows: readonly PackedRow[], options: CognateOptions): readonly EvaluationBatch[] {
  const batches = (from: readonly PackedRow[]): readonly EvaluationBatch[] =>
    evaluationBatches(from, options.training.rows, { limit: options.data.evaluationRows });
  const even = batches(rows);
  return even.some(hasTarget) ? even : batches(rows.filter(hasTarget));
}

function hasTarget({ targets }: { readonly targets: Int32Array }): boolean {
  return targets.some((target) => target !== IGNORED_TARGET);
}

function describeCounts({ name, counts }: CorpusSet): string {
  return `${name} ${counts.train.toLocaleString('en-US')} (${counts.heldOut.toLocaleString('en-US')} held out)`;
}

interface LoadedDataset {
  readonly name: string;
  readonly category: DataCategory;
  readonly synthetic: boolean;
  readonly records: readonly DataRecord[];
}

async function loadAll(ctx: PhaseContext, names: readonly string[]): Promise<LoadedDataset[]> {
  const loaded: LoadedDataset[] = [];
  for (const name of names) {
    ctx.progress({
      task: 'data',
      done: loaded.length,
      total: names.length,
      unit: 'dataset',
      values: {},
      etaSeconds: null,
    });
    const dataset = ctx.resolve(DATASET, name);
    const records = await dataset.load({ ...ctx.data, seed: ctx.seed, log: ctx.log });
    loaded.push({ name, category: dataset.category, synthetic: dataset.synthetic, records });
  }
  ctx.progress({
    task: 'data',
    done: names.length,
    total: names.length,
    unit: 'dataset',
    values: {},
    etaSeconds: 0,
  });
  return loaded;
}

async function trainTokenizer(
  ctx: PhaseContext,
  options: CognateOptions,
  splits: readonly SplitRecords[],
): Promise<Tokenizer> {
  const { kind, vocabularySize, maxCharacters } = options.tokenizer;
  return ctx.resolve(TOKENIZER, kind).train(limited(trainingTexts(splits), maxCharacters), {
    vocabularySize,
    onProgress: (fraction) =>
      ctx.progress({
        task: 'tokenizer',
        done: Math.round(fraction * 100),
        total: 100,
        unit: '%',
        values: {},
        etaSeconds: null,
      }),
  });
}

function* limited(texts: Iterable<string>, maxCharacters: number): Iterable<string> {
  let characters = 0;
  for (const text of texts) {
    if (characters >= maxCharacters) return;
    characters += text.length;
    yield text;
  }
}

function weightedUnigram(sets: readonly CorpusSet[]): number {
  const targets = sets.reduce((sum, set) => sum + set.heldOutTargets, 0);
  return sets.reduce((sum, set) => sum + (set.unigram * set.heldOutTargets) / targets, 0);
}
