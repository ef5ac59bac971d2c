export { continueGreedily, generateBatch, type GreedyBatchOptions } from './batch.js';
export { Generator, type GeneratorOptions, type Prediction } from './generator.js';
export { argMax, sampleToken, type SamplingOptions } from './sampling.js';
export {
  completeText,
  DEFAULT_TEXT_OPTIONS,
  generateText,
  type TextObserver,
  type TextOptions,
} from './text.js';
