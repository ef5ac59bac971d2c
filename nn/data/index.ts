export {
  alignedRows,
  type AlignedPair,
  type AlignedRow,
  type AlignedRows,
  type AlignedShape,
  type Continuation,
} from './aligned.js';
export {
  evaluationBatches,
  stackRows,
  type EvaluationBatch,
  type EvaluationOptions,
  type RowBatch,
} from './batch.js';
export { contentHash, corpusHash, hashFraction, normaliseText } from './content-hash.js';
export { contentOrder } from './content-order.js';
export { packDatasets, trainingTexts, type CorpusOptions, type PackedDataset } from './corpus.js';
export {
  capWeights,
  categoryWeights,
  curriculum,
  normaliseWeights,
  type CurriculumOptions,
  type CurriculumStage,
  type MixtureWeights,
} from './curriculum.js';
export { toDocument, type Document, type DocumentOptions } from './document.js';
export { targetCounts, unigramCrossEntropy, unigramEntropy } from './entropy.js';
export {
  MixtureSampler,
  type MixtureBatch,
  type MixtureOptions,
  type MixtureSource,
  type MixtureState,
} from './mixture.js';
export { IGNORED_TARGET, packDocuments, type PackedRow, type PackedRows } from './pack.js';
export { packWholeDocuments, type PlacedDocument, type WholeRows } from './whole-documents.js';
export { cutByPosition, cutBySize, halve, type CutText } from './cut-text.js';
export { datasetFingerprint } from './fingerprint.js';
export { lockedGroups } from './locked.js';
export { datasetsToLoad, recallSplit, type RecalledSplit, type RecordedSplit } from './recall-split.js';
export {
  splitDatasets,
  type CutPart,
  type NamedRecords,
  type SplitOptions,
  type SplitRecords,
} from './split.js';
export {
  applySplit,
  SPLIT_SCHEMA,
  splitDocument,
  type DatasetSplit,
  type SplitDocument,
  type SplitSides,
} from './split-document.js';
