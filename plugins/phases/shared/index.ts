/**
 * `agentforge/phases`: what phases have in common, so that a phase holds only what is peculiar to it. The
 * built-in ones are made from it; docs/phases.md writes another.
 */

// What a phase declares: its gates and metrics, each in one table, and the usual blocks of its options.
export { gateNames, INTEGRITY_GATES, judgeOf, PARAMETER_RANGE, type GateTable, type Judge } from './gates.js';
export {
  metricNames,
  recorder,
  sheetOf,
  type MetricTable,
  type NamesOf,
  type Recorder,
  type Sheet,
} from './metrics.js';
export { ObjectiveOptions } from './objective-options.js';
export {
  AnswerOptions,
  CategoryMix,
  closed,
  dataProperties,
  gateProperties,
  ModelOptions,
  OptimizerOptions,
  orNull,
  withDefaults,
  SampleOptions,
  ScoringOptions,
  TokenizerOptions,
  TrainingOptions,
} from './options.js';

// Before work: problems and needs, without loading data or weights.
export { lengthProblems, PlanProblems } from './plan.js';
export { checkpointBytes, trainingNeeds, type Needs } from './training/needs.js';
export { memoryHere, memoryProblem } from './training/memory-problem.js';

// Models: opened from a handoff, planned by options, stored and described, handed on.
export { growModel, storeTokenizer, type GrownModel } from './model/grow.js';
export { handOn, passOn, phaseResult, requireInput, type HandedOn } from './model/hand-on.js';
export {
  arranged,
  openModel,
  openTokenizer,
  type LiveModel,
  type OpenedModel,
  type OwnTokenizer,
} from './model/open.js';
export { readModelWeights, readPackedWeights } from './model/packed-weights.js';
export { requirePlain } from './model/plain.js';
export {
  openOrigin,
  plannedShape,
  shapeOf,
  variantOf,
  type ModelShape,
  type ShapeSource,
} from './model/shape.js';
export { openStartingModel, type StartingModel } from './model/start.js';
export { describeModel, storeModel, type FinishedModel } from './model/store.js';
export { integrityGates, integrityOf, type IntegrityFacts } from './integrity.js';

// Data: loaded, split once at the beginning, found again on the same sides, packed and drawn from.
export { loadDatasets, type LoadedDataset } from './data/datasets.js';
export {
  fixSplit,
  openSplit,
  widenSplit,
  type SplitData,
  type SplitDataset,
  type SplitOptions,
} from './data/split.js';
export { trainTokenizer } from './data/tokenizer.js';
export {
  heldOutBatches,
  packCorpus,
  type Corpus,
  type CorpusOptions,
  type CorpusSet,
} from './data/corpus.js';
export { byTokens, mixture, sampler, type DrawOptions } from './data/mixture.js';
export { checkSplits, passWarnings, requireTargets, vocabularyWarnings } from './data/checks.js';

// Training: a run with checkpoints, pause, meter and early stop.
export { openTrainer, scheduleOf, trainedModel, type TrainerParts } from './training/trainer.js';
export {
  goOn,
  runEnd,
  trainRun,
  type RunEnd,
  type TrainingOutcome,
  type TrainingReview,
  type TrainingRun,
  type TrainingSource,
} from './training/run.js';
export { SHARED_TRAINING_METRICS, StepMeter, trainingMetrics, type MeterOptions } from './training/meter.js';
export { Calibration, haltingFacts } from './training/calibration.js';
export { recalibrated, type CalibratedModel } from './training/recalibrate.js';

export {
  recursionStepsOf,
  shapeSchedule,
  type ShapeOptions,
  type ShapeSchedule,
  type StagedRun,
} from './training/stages.js';
export { stageProblems } from './training/stage-problems.js';

// Baking: a behaviour put into weights, fully, in part, again and again, one after the other.
export { bake } from './baking/bake.js';
export { halfBake } from './baking/half-bake.js';
export { bakingNeeds } from './baking/needs.js';
export {
  DEFAULT_PERSONAS,
  PLANNED_PERSONAS,
  PROMPT_LIBRARY,
  promptText,
  type LibraryPrompt,
} from './baking/library.js';
export { BAKING_METRICS } from './baking/measure.js';
export { pursue, type PursuitOptions } from './baking/pursue.js';
export { sequence, type BakingStep } from './baking/sequence.js';
export type { PathPoint, StrengthTarget } from './baking/strength.js';
export type { Baked, BakingContext, BakingEntry, BakingRequest, BakingStart } from './baking/types.js';

// Evaluation: losses by dataset, documents to choose by and locked ones, free answers, probes, a text to read.
export { evaluateByDataset, type DatasetEvaluation } from './evaluation/by-dataset.js';
export { scoringData, type ScoringData } from './evaluation/scoring.js';
export { freeAnswers, type FreeAnswers, type Question } from './evaluation/answers.js';
export { measureCausality, measureProbe, probeRows, type ProbeMeasurements } from './evaluation/probe.js';
export { sampleText, type Sample } from './evaluation/sample.js';
export { withUntrained, type Measuring } from './evaluation/untrained.js';

// Quantised models: latents that train, their codes watched, packed into one file, stored in three forms.
export { agreementOf } from './quantized/agreement.js';
export { FlipWatch, type CodeCount, type CodeFacts, type TernaryMatrices } from './quantized/flips.js';
export { latentModel, requireLatents, ternaryMatrices, type LatentModel } from './quantized/latent.js';
export { expanded, halved, pack, running, sparsityOf, type PackedModel } from './quantized/pack.js';
export { storeForms, type FormsFacts, type StoredForms, type Storing } from './quantized/store.js';

// Calibration: what goes into the matrices of a model that reads what it was trained on.
export { calibrate, type CalibrateOptions, type InputCalibration } from './calibration/calibrate.js';
export { calibrationRows, type CalibrationRows, type CalibrationRowsOptions } from './calibration/rows.js';

// Going on: what is saved with what it was made on, and how much of the phase is done.
export { SavedProgress, type Saved } from './resume.js';
export { PartClock } from './part-clock.js';
export { secondsTable } from './seconds-table.js';
export { counted, WorkShares, type CountedWork, type WorkPart } from './progress.js';

// Questions with worked thoughts: found in datasets, made into examples, asked of a model in arms.
export {
  directExamples,
  recalledHeldOut,
  thinkingExamples,
  trainingExamples,
  workedData,
  type TrainingExamples,
  type WorkedData,
  type WorkedRecord,
} from './thoughts/examples.js';
export {
  askInArms,
  examine,
  questionGroups,
  sampleAbout,
  showThoughts,
  writerOf,
  type Examination,
  type Examined,
} from './thoughts/examine.js';
export { byStrategy, tagUsage, type StrategyScore } from './thoughts/scores.js';

// Tasks: drawn from generators, with manuals in front, answered with calls and thoughts, judged.
export {
  ask,
  saysUnknown,
  type Answered,
  type Answers,
  type Asking,
  type AskingOptions,
} from './tasks/asking.js';
export { TaskBook, type BookOptions, type Wanted } from './tasks/book.js';
export { kindProblem, prepareGenerators, toolKindProblem, type Kind } from './tasks/kinds.js';
export {
  documentOf,
  promptIds,
  referenceDocument,
  UNKNOWN,
  type Asked,
  type TaskLanguage,
  type Way,
} from './tasks/prompts.js';

// Thoughts: whether a model profits from its own, what is wrong with recent ones, and what to do about it.
export {
  armsTable,
  interveneInTheater,
  THEATER_INTERVENTIONS,
  THEATER_LIMITS,
  THEATER_TESTS,
  THEATER_TROUBLE,
  theaterAlert,
  theaterReport,
  THOUGHT_ALERT_LIMITS,
  thoughtAlerts,
  V_B_LIMITS,
  type ArmComparison,
  type ArmScores,
  type CorrectnessPair,
  type TheaterAction,
  type TheaterChange,
  type TheaterEvidence,
  type TheaterOptions,
  type TheaterReport,
  type TheaterTest,
  type TheaterTestName,
  type ThoughtAlert,
  type ThoughtAlertLimits,
  type UtilityPair,
} from './theater/index.js';
