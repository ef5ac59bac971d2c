export type { LocateModel } from './checkpoints/open.js';
export {
  checkDestination,
  executeMerge,
  type ExecuteOptions,
  type MergeProgress,
  type MergeReport,
  type WeightFile,
} from './execute.js';
export type { CheckpointHashes, HashedFile } from './execute/hashes.js';
export { mergeRecipe, type MergeOptions } from './merge.js';
export type { MergeMethods } from './methods.js';
export { DEFAULT_SHARD_BYTES, planMerge, type MergePlan, type PlanOptions } from './plan.js';
export { readRecipe, recipeFrom, type RecipeWorld } from './read.js';
export { FLOAT_DTYPES, RecipeSchema, type FloatDtype, type MergeRecipe, type Recipe } from './recipe.js';
export type { RecipeStep } from './steps.js';
