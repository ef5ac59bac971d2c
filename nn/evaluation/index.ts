export { causalityDifference } from './causality.js';
export { DocumentLosses, type LossShape } from './document-losses.js';
export {
  evaluationSet,
  type DocumentPlace,
  type EvaluationSet,
  type EvaluationShape,
  type ScoredDocument,
} from './evaluation-set.js';
export { Forwards, type ExtraInputs, type ForwardOutputs, type ForwardSubject } from './forwards.js';
export {
  mapEstimate,
  ratioEstimate,
  studentQuantile,
  wilsonEstimate,
  type Estimate,
  type UnitSum,
} from './intervals.js';
export { outputDivergence, predictionsOf, Predictor, type Probe } from './predictions.js';
export { answerQuestions, questionOf, type AnswerLimits, type Answers, type Question } from './questions.js';
export { Scorer, type DocumentScore, type HaltingRule } from './scorer.js';
export { flopsPerTokenAtStep } from './step-flops.js';
export { scoreStep, type StepScores } from './step-scores.js';
export { windowsOf, type WindowShape } from './windows.js';
