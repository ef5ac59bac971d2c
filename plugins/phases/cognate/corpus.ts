import { DATASET, type DataCategory, type DataRecord } from '../../../contracts/dataset.js';
import type { ArtifactRef } from '../../../contracts/model.js';
import type { PhaseContext } from '../../../contracts/phase.js';
import { TOKENIZER, type Tokenizer } from '../../../contracts/tokenizer.js';
import {
  corpusHash,
  evaluationBatches,
  packDatasets,
  splitDatasets,
  targetCounts,
  trainingTexts,
  unigramCrossEntropy,
  type PackedRow,
  type SplitRecords,
} from '../../../nn/data/index.js';
import type { HostBatch } from '../../../nn/training/index.js';
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
  /** Held-out loss of token frequencies alone, nats: what a model must be well below. */
  readonly unigram: number;
}

export interface Corpus {
  readonly sets: readonly CorpusSet[];
  readonly tokenizer: Tokenizer;
  readonly tokenizerRef: ArtifactRef;
  /** Mean of the sets' unigram losses, weighted by held-out targets, nats. */
  readonly unigram: number;
  /** Identifies texts, splits and tokenizer. */
  readonly hash: string;
}

/** Load, dedupe and split the datasets, train the tokenizer on the training split, pack rows. Same input, same bits. */
export async function prepareCorpus(ctx: PhaseContext, options: CognateOptions): Promise<Corpus> {
  const loaded = await loadAll(ctx, options.data.datasets);
  const splits = splitDatasets(loaded, { heldoutFraction: options.data.holdout });
  const tokenizer = await trainTokenizer(ctx, options, splits);
  const tokenizerRef = await ctx.store.put('tokenizer.json', tokenizer.serialize());
  const packed = packDatasets(splits, tokenizer, {
    rowLength: options.training.length,
    answerOnly: options.data.answerOnly,
    bos: true,
  });
  const sets = packed.map((set, i): CorpusSet => {
    const batches = evaluationBatches(set.heldout.rows, options.training.rows, {
      limit: options.data.evaluationRows,
    });
    const counts = targetCounts(set.train.rows, tokenizer.vocabularySize);
    const heldOutCounts = targetCounts(batches, tokenizer.vocabularySize);
    return {
      name: set.name,
      category: loaded[i]!.category,
      synthetic: loaded[i]!.synthetic,
      train: set.train.rows,
      trainTokens: set.train.tokens,
      heldOut: batches.map(({ ids, targets, segments }) => ({ ids, targets, segments })),
      heldOutTargets: heldOutCounts.reduce((sum, count) => sum + count, 0),
      unigram: unigramCrossEntropy(counts, heldOutCounts) ?? NaN,
    };
  });
  const measured = sets.filter((set) => set.heldOutTargets > 0);
  return {
    sets,
    tokenizer,
    tokenizerRef,
    unigram: weightedUnigram(measured),
    hash: corpusHash(splits, tokenizerRef.sha256),
  };
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
