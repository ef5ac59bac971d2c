export { BAKING_DIVERGENCE, bakePrompt, bakePromptExtras, type BakingLengths } from './bake-prompt.js';
export { NEXT_TOKEN, type HaltingObjectiveOptions, type NextTokenOptions } from './defaults.js';
export { KEPT_DIVERGENCE, keepBehaviour, keepBehaviourExtras, keptTokens } from './keep-behaviour.js';
export {
  middleLayer,
  SELF_MODEL_ERROR,
  selfModel,
  selfModelTensors,
  type SelfModelOptions,
  type SelfModelWidths,
} from './self-model.js';
export { nextToken } from './next-token.js';
export { DISTILLATION, distilled, type DistillationOptions } from './distil.js';
export { softTargets } from './soft-targets.js';
