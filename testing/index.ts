/**
 * What a plugin author needs to test a plugin alone: conformance suites per extension point, small fixtures and a
 * way to make what a plugin provides without a kernel. Nothing here belongs to a particular test runner.
 *
 * @example
 * for (const { name, run } of mergeConformance(() => implementationOf(MERGE, myMerge()))) test(name, run);
 */
export { runConformance, type ConformanceCase, type ConformanceReport, type Subject } from './case.js';
export { architectureConformance, type ArchitectureConformanceOptions } from './conformance/architecture.js';
export { bakingConformance, type BakingConformanceOptions } from './conformance/baking.js';
export { checkerConformance, type CheckerConformanceOptions } from './conformance/checker.js';
export { compressorConformance, type CompressorConformanceOptions } from './conformance/compressor.js';
export { datasetConformance, type DatasetConformanceOptions } from './conformance/dataset.js';
export { engineConformance, type EngineConformanceOptions } from './conformance/engine.js';
export { evaluatorConformance, type EvaluatorConformanceOptions } from './conformance/evaluator.js';
export { fitnessConformance, type FitnessConformanceOptions } from './conformance/fitness.js';
export { mergeConformance, type MergeConformanceOptions } from './conformance/merge.js';
export { mutationConformance, type MutationConformanceOptions } from './conformance/mutation.js';
export { optimizerConformance, type OptimizerConformanceOptions } from './conformance/optimizer.js';
export { personaConformance, type PersonaConformanceOptions } from './conformance/persona.js';
export { phaseConformance, type PhaseConformanceOptions } from './conformance/phase.js';
export { registryConformance } from './conformance/registry.js';
export { sinkConformance, type SinkConformanceOptions } from './conformance/sink.js';
export { storageConformance, type StorageConformanceOptions } from './conformance/storage.js';
export {
  taskGeneratorConformance,
  type TaskGeneratorConformanceOptions,
} from './conformance/task-generator.js';
export { tokenizerConformance, type TokenizerConformanceOptions } from './conformance/tokenizer.js';
export { toolConformance, type ToolConformanceOptions } from './conformance/tool.js';
export { ConformanceError } from './expect.js';
export {
  crashingDisk,
  failingDisk,
  failingOnce,
  faultyDisk,
  fullDisk,
  systemError,
  type DiskCall,
  type DiskFaults,
  type FaultyCall,
} from './faulty-disk.js';
export {
  AWKWARD_TEXTS,
  LIFECYCLE_EVENTS,
  lifecycleEvent,
  logEvent,
  metricEvent,
  progressEvent,
} from './fixtures/events.js';
export { letterTokenizer } from './fixtures/letters.js';
export { mergeInput, type MergeCase } from './fixtures/merge-input.js';
export { artifactRef, handoffRecord, modelRef, phaseRecord, sessionRecord } from './fixtures/records.js';
export { handoffPhase, tinyHandoff, type HandoffName } from './fixtures/handoffs.js';
export type { TinyHandoffOptions } from './fixtures/origin.js';
export {
  curveStudent,
  learningStudent,
  oracleStudent,
  randomStudent,
  type LearningStudentOptions,
  type Student,
} from './fixtures/students.js';
export { tinyChampion, type TinyChampion } from './fixtures/tiny-champion.js';
export { tinyDataset, tinyRecords } from './fixtures/tiny-dataset.js';
export {
  completeHyperparameters,
  tinyModel,
  tinyLlama,
  tinyTitansMag,
  type TinyModelOptions,
} from './fixtures/tiny-model.js';
export { tinyWorked, workedRecords } from './fixtures/tiny-worked.js';
export { tinyModels } from './fixtures/tiny-models-phase.js';
export { implementationOf } from './implementation.js';
export { createTestKernel, type TestKernel, type TestKernelOptions } from './kernel.js';
export { memoryStore } from './memory-store.js';
export { slowDisk } from './slow-disk.js';
export { silentLogger } from './silent-logger.js';
export type { FileSystem } from '../storage/file-system.js';
export { withTemporaryFolder } from './temporary-folder.js';
