import { dirname, resolve } from 'node:path';
import type { Kernel } from '../../core/kernel/types.js';
import type {
  FloatDtype,
  MergeOptions,
  MergePlan,
  MergeProgress,
  MergeReport,
  Recipe,
  RecipeStep,
} from './index.js';
import { packageVersion } from '../version.js';
import { loadRecipe } from './load-recipe.js';
import { StagedModels } from './staged-models.js';

/** A recipe: the path of a file (YAML, JSON or a module), or one of our own as an object. */
export type RecipeInput = string | Recipe;

export interface MergeModelsOptions {
  /** Folder of the result; relative to the project's `cwd`. */
  readonly output: string;
  /** Replace a model that is there. */
  readonly force?: boolean;
  /** Element type of the result, over the recipe. */
  readonly dtype?: FloatDtype;
  /** Seed of random methods, over the recipe. */
  readonly seed?: number;
  /** Most bytes of weights in one file; default 5 GB. */
  readonly maxShardBytes?: number;
  /** File that remembers hashes of models from merge to merge; without it every model is hashed. */
  readonly hashCache?: string;
  /** Told before a merge starts; several documents make several. */
  readonly onPlan?: (plan: MergePlan) => void;
  readonly onProgress?: (progress: MergeProgress) => void;
  /** Aborting it stops the merge after the tensor at hand; nothing is left. */
  readonly signal?: AbortSignal;
}

/** A merge that was read, and everything that planning and doing it needs. */
export interface PreparedMerge {
  readonly steps: readonly RecipeStep[];
  readonly options: MergeOptions;
  /** Let go of what models of the registry were laid out in. */
  dispose(): Promise<void>;
}

/**
 * Read a recipe. Its models are folders, or models of the registry by their names.
 *
 * @param cwd where relative paths start; those of a recipe's models may start from the recipe's folder, too
 * @throws ForgeError AF_MERGE_RECIPE, AF_CONFIG_LOAD
 */
export async function prepareMerge(
  kernel: Kernel,
  recipe: RecipeInput,
  cwd: string,
  options: MergeModelsOptions,
): Promise<PreparedMerge> {
  const steps = await loadRecipe(kernel, recipe, cwd);
  const folders = typeof recipe === 'string' ? [cwd, dirname(resolve(cwd, recipe))] : [cwd];
  const staged = new StagedModels(kernel, folders);
  const { dtype, seed, maxShardBytes, force, hashCache, onPlan, onProgress, signal } = options;
  return {
    steps,
    options: {
      plan: { folders, locate: staged.locate, dtype, seed, maxShardBytes },
      execute: {
        ...{ force, hashCache, onProgress, signal },
        output: resolve(cwd, options.output),
        producer: `agentforge ${packageVersion()}`,
      },
      onPlan,
    },
    dispose: () => staged.dispose(),
  };
}

/** Carry a recipe out. @throws ForgeError see {@link prepareMerge} and `mergeRecipe` */
export async function mergeModels(
  kernel: Kernel,
  recipe: RecipeInput,
  cwd: string,
  options: MergeModelsOptions,
): Promise<MergeReport> {
  const prepared = await prepareMerge(kernel, recipe, cwd, options);
  try {
    const { mergeRecipe } = await import('./index.js');
    return await mergeRecipe(prepared.steps, prepared.options);
  } finally {
    await prepared.dispose();
  }
}
