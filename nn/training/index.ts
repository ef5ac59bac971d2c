export { fisherInformation } from './fisher.js';
export { gradientNorms } from './gradient-norms.js';
export {
  LOOP_START,
  overflowed,
  trainLoop,
  type BatchSource,
  type LoopOptions,
  type LoopProgress,
} from './loop.js';
export type { Amp } from './loss-scale.js';
export { shapeKey, type BatchShape, type StepShape, type TrainingModel } from './model.js';
export { fromGroup, inGroup, specsOf, zeros, type WeightGroup } from './state.js';
export {
  averageEvaluations,
  createTrainer,
  Trainer,
  type EvaluationResult,
  type HostBatch,
  type StepResult,
  type TrainerOptions,
} from './trainer.js';
export type { UpdateSettings } from './update.js';
