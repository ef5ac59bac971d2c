export { lastStep, thoughtPass, type ThoughtPass } from './forward.js';
export {
  contentOf,
  passLength,
  requireThoughtsFit,
  slotLayout,
  slotsPerThought,
  thoughtMemoryBytes,
  thoughtsPerRow,
  type SlotLayout,
  type ThoughtMarkers,
  type ThoughtRows,
  type ThoughtShape,
} from './layout.js';
export {
  featureWidth,
  hasMixingHead,
  mixFeatures,
  mixingTensors,
  mixingWeight,
  selectionTensors,
  selectThoughts,
  type MixingHeadOptions,
  type SelectedThought,
} from './mixing-head.js';
export {
  NO_THOUGHT_EXTRAS,
  quietStar,
  thoughtExtras,
  withoutThoughts,
  type QuietStarOptions,
  type ThoughtExtras,
} from './objective.js';
export { DOCUMENTED, entropyWeightAt, PAPER_CODE, policyWeightAt, type QuietStarNumbers } from './presets.js';
export {
  RewardScale,
  rewardThoughts,
  type RewardInput,
  type Rewards,
  type RewardScaleState,
} from './reward.js';
export {
  choosePlaces,
  entropySource,
  entropyThreshold,
  LEAST_INTERVAL,
  RANDOM_SHARE,
  thinkablePlaces,
  type ChosenPlaces,
  type TextRows,
  type ThinkingModel,
  type PlaceOptions,
} from './positions.js';
export { sampleThoughts, ThoughtSampler, type SampledThoughts, type SamplerOptions } from './sample.js';
export { neverChosen, type ThoughtVocabulary } from './vocabulary.js';
export { claimsOf, logicalConsistency, type Claim } from './claims.js';
export {
  coherence,
  COHERENCE_SCHEMES,
  fitCoherence,
  judgeThought,
  repetition,
  VALID_COHERENCE,
  type CoherenceDimensions,
  type CoherenceStatistics,
  type CoherenceWeights,
  type JudgedThought,
  type MeasuredText,
  type ThoughtSignals,
} from './coherence.js';
export {
  textMeasuresSource,
  thoughtMeasuresSource,
  ThoughtMeter,
  type MeterShape,
  type ThoughtMeasures,
} from './measure.js';
export {
  evaluateThinking,
  type ThinkingItem,
  type ThinkingOptions,
  type ThinkingResult,
  type ThinkingSubject,
  type ThoughtJudge,
} from './evaluate.js';
export { hardestPlaces, placeRows, type HeldOutPlace, type PlaceRows } from './hardest-places.js';
