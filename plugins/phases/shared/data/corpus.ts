import type { DataCategory } from '../../../../core/contracts/dataset.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import {
  corpusHash,
  evaluationBatches,
  IGNORED_TARGET,
  packDatasets,
  targetCounts,
  unigramCrossEntropy,
  type EvaluationBatch,
  type PackedDataset,
  type PackedRow,
} from '../../../../nn/data/index.js';
import type { HostBatch } from '../../../../nn/training/index.js';
import type { SplitDataset } from './split.js';

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
  /** Held-out loss of token frequencies alone, nats: what a model must be well below. Null where nothing is held out. */
  readonly unigram: number | null;
}

/** Datasets as rows of one length. */
export interface Corpus {
  readonly sets: readonly CorpusSet[];
  /** Mean of the sets' unigram losses, weighted by held-out targets, nats. */
  readonly unigram: number;
  /** Identifies texts, sides and tokenizer. */
  readonly hash: string;
}

/** How a corpus is packed. */
export interface CorpusOptions {
  /** Rows per batch, and tokens per row. */
  readonly rows: number;
  readonly length: number;
  /** Of questions only the answers count in the loss. */
  readonly answerOnly: boolean;
  /** Held-out rows per dataset. */
  readonly evaluationRows: number;
}

/** Tokenise and pack both sides of every dataset. Same input, same bits. @param tokenizer with the hash of its file */
export function packCorpus(
  data: readonly SplitDataset[],
  { tokenizer, ref }: { readonly tokenizer: Tokenizer; readonly ref: { readonly sha256: string } },
  options: CorpusOptions,
): Corpus {
  const { length: rowLength, answerOnly } = options;
  const packed = packDatasets(data, tokenizer, { rowLength, answerOnly, bos: true });
  const sets = packed.map((set, i) => corpusSet(set, data[i]!, tokenizer, options));
  return {
    sets,
    unigram: weightedUnigram(sets.filter((set) => set.heldOutTargets > 0)),
    hash: corpusHash(data, ref.sha256),
  };
}

/** Held-out batches of all datasets. */
export function heldOutBatches({ sets }: Corpus): HostBatch[] {
  return sets.flatMap((set) => set.heldOut);
}

function corpusSet(
  { name, train, heldout }: PackedDataset,
  { dataset }: SplitDataset,
  { vocabularySize }: Tokenizer,
  options: CorpusOptions,
): CorpusSet {
  const batches = heldOutRows(heldout.rows, options);
  const counts = targetCounts(batches, vocabularySize);
  return {
    name,
    category: dataset.category,
    synthetic: dataset.synthetic,
    train: train.rows,
    trainTokens: train.tokens,
    heldOut: batches.map(({ ids, targets, segments }) => ({ ids, targets, segments })),
    heldOutTargets: counts.reduce((sum, count) => sum + count, 0),
    unigram: finite(unigramCrossEntropy(targetCounts(train.rows, vocabularySize), counts)),
  };
}

/** Rows spread evenly over the set; where none of those has a target (long questions, short answers), of the rows that do. */
function heldOutRows(
  rows: readonly PackedRow[],
  { rows: batchSize, evaluationRows }: CorpusOptions,
): readonly EvaluationBatch[] {
  const batches = (from: readonly PackedRow[]): readonly EvaluationBatch[] =>
    evaluationBatches(from, batchSize, { limit: evaluationRows });
  const even = batches(rows);
  return even.some(hasTarget) ? even : batches(rows.filter(hasTarget));
}

function hasTarget({ targets }: { readonly targets: Int32Array }): boolean {
  return targets.some((target) => target !== IGNORED_TARGET);
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function weightedUnigram(sets: readonly CorpusSet[]): number {
  const targets = sets.reduce((sum, set) => sum + set.heldOutTargets, 0);
  return sets.reduce((sum, set) => sum + ((set.unigram ?? NaN) * set.heldOutTargets) / targets, 0);
}
