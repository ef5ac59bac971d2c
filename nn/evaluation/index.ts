export { causalityDifference } from './causality.js';
export { auroc, pearson, ranks, spearman } from './correlations.js';
export { distinctShare } from './distinct.js';
export { DocumentLosses, type LossShape } from './document-losses.js';
export {
  evaluationSet,
  type DocumentPlace,
  type EvaluationSet,
  type EvaluationShape,
  type ScoredDocument,
} from './evaluation-set.js';
export {
  atLeast,
  exactly,
  figureText,
  greatestFigure,
  leastFigure,
  medianFigure,
  ratioFigure,
  type Figure,
} from './figures.js';
export { Forwards, type ExtraInputs, type ForwardOutputs, type ForwardSubject } from './forwards.js';
export {
  GROKKING,
  GROKKING_START,
  grokkingOf,
  observeGrokking,
  type AccuracyPoint,
  type GrokkingHistory,
  type GrokkingReport,
  type GrokkingStage,
  type GrokkingThresholds,
  type GrokkingVerdict,
} from './grokking.js';
export {
  mapEstimate,
  ratioEstimate,
  studentQuantile,
  wilsonEstimate,
  type Estimate,
  type UnitSum,
} from './intervals.js';
export {
  comparePaired,
  compareWithEach,
  mcNemarCounts,
  type BootstrapOptions,
  type McNemarCounts,
  type PairedComparison,
} from './paired.js';
export { outputDivergence, predictionsOf, Predictor, type Probe } from './predictions.js';
export { answerQuestions, questionOf, type AnswerLimits, type Answers, type Question } from './questions.js';
export { Scorer, type DocumentScore, type HaltingRule } from './scorer.js';
export {
  idEntropy,
  levenshtein,
  meanPairwiseDistance,
  normalisedLevenshtein,
  repetitionRatio,
} from './sequences.js';
export { flopsPerTokenAtStep } from './step-flops.js';
export { scoreStep, type StepScores } from './step-scores.js';
export {
  answerInArms,
  ARMS,
  sampleThoughts,
  type ArmAnswer,
  type ArmName,
  type OwnThought,
  type ThoughtArms,
  type ThoughtArmsOptions,
  type ThoughtItem,
  type ThoughtOptions,
} from './thought-arms.js';
export { modelWriter, type Writer, type WritingLimits } from './thought-writer.js';
export { timesToLoss, type ArmTime, type LossPoint, type TimesToLoss } from './time-to-loss.js';
export { windowsOf, type WindowShape } from './windows.js';
