export { continueGreedily, generateBatch, type GreedyBatchOptions } from './batch.js';
export { logitsOfSteps } from './answers.js';
export { answerWithTools, type AnswerOptions, type ToolAnswer } from './answer-with-tools.js';
export { BatchWriter, BatchWriters, withBatchWriters, type BatchOptions } from './batch-writer.js';
export { brokenOff, callableIds, callEnd, makeCall, type Calling, type WrittenCall } from './calls.js';
export { generateCalling, type CallingItem, type CallingOptions } from './calling.js';
export { Decoding } from './decoding.js';
export type { WritingModel } from './rows-reader.js';
export { calibrateThreshold, normalisedEntropy } from './entropy.js';
export {
  Generator,
  type GeneratorOptions,
  type Prediction,
  type WritingOptions,
  type WrittenId,
} from './generator.js';
export { normalisedEntropies, type EntropyBatch } from './measure-entropy.js';
export { logitVariances } from './output-variance.js';
export { argMax, sampleToken, type SamplingOptions } from './sampling.js';
export {
  completeText,
  DEFAULT_TEXT_OPTIONS,
  generatePieces,
  generateText,
  type PiecesOptions,
  type SpeltPrompt,
  type TextObserver,
  type TextOptions,
  type TextPiece,
} from './text.js';
export { generateThinking, thinkingOf, type ThinkingItem, type ThinkingOptions } from './thinking.js';
export { ThoughtTally, type ThoughtCost } from './thought-tally.js';
export {
  NEVER,
  writableCount,
  writableIds,
  writableLogits,
  writableMask,
  type WritableIds,
} from './writable.js';
