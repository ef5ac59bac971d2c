export { LOOP_START, trainLoop, type BatchSource, type LoopOptions, type LoopProgress } from './loop.js';
export type { BatchShape, TrainingModel, UpdateSettings } from './programs.js';
export { fromGroup, inGroup, specsOf, zeros } from './state.js';
export {
  averageEvaluations,
  createTrainer,
  Trainer,
  type EvaluationResult,
  type HostBatch,
  type StepResult,
  type TrainerOptions,
  type WeightGroup,
} from './trainer.js';
