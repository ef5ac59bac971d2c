export {
  assess,
  BASELINE_ACCURACY,
  type Assessment,
  type AssessmentVerdict,
  type FittedProbe,
  type Probe,
} from './assessment.js';
export { fitNonIncreasing, poolNonIncreasing, type Pool, type WeightedValue } from './isotonic.js';
export { EASIEST, HARDEST, levelDifficulty } from './levels.js';
export {
  Lifecycle,
  type Attempt,
  type ConceptState,
  type LifecycleCounts,
  type LifecycleSettings,
  type LifecycleState,
} from './lifecycle.js';
export { manualsOf, phrased } from './phrasing.js';
export { probeBaseline, type Ask, type ProbingOptions } from './prober.js';
export {
  decideProgression,
  type LevelProgress,
  type Progression,
  type ProgressionSettings,
} from './progression.js';
export { requireChecked } from './require-checked.js';
export {
  EMPTY_RETENTION,
  forgetting,
  retentionAt,
  retentionOf,
  retentionOfAll,
  withMeasurement,
  type Retention,
  type RetentionMatrix,
} from './retention.js';
