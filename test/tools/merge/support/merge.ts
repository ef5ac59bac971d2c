import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  mergeRecipe,
  readRecipe,
  type ExecuteOptions,
  type MergeReport,
  type PlanOptions,
  type RecipeWorld,
} from '../../../../tools/merge/index.js';

export interface MergeTestOptions {
  /** Working directory. */
  readonly cwd: string;
  readonly output: string;
  readonly plan?: Partial<PlanOptions>;
  readonly execute?: Partial<ExecuteOptions>;
}

/** Merge by a recipe text, as the command does. */
export async function mergeText(
  text: string,
  world: RecipeWorld,
  options: MergeTestOptions,
): Promise<MergeReport> {
  const steps = await readRecipe(text, 'recipe.yml', world);
  return mergeRecipe(steps, {
    plan: { folders: [options.cwd], ...options.plan },
    execute: { output: options.output, ...options.execute },
  });
}

/** Merge by a recipe file. */
export function mergeFile(
  file: string,
  world: RecipeWorld,
  options: Omit<MergeTestOptions, 'cwd'>,
): Promise<MergeReport> {
  return mergeText(readFileSync(file, 'utf8'), world, { ...options, cwd: dirname(file) });
}
