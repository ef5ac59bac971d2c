import { dirname, join } from 'node:path';
import { nodeFileSystem } from '../../storage/file-system.js';
import { OutputFolder } from './output/folder.js';
import { checkDestination, executeMerge, type ExecuteOptions, type MergeReport } from './execute.js';
import type { CheckpointHashes } from './execute/hashes.js';
import { planMerge, type MergePlan, type PlanOptions } from './plan.js';
import type { RecipeStep } from './steps.js';

export interface MergeOptions {
  readonly plan: PlanOptions;
  readonly execute: ExecuteOptions;
  /** Told of each merge before it starts; several documents make several. */
  readonly onPlan?: (plan: MergePlan, step: { readonly index: number; readonly count: number }) => void;
}

/**
 * Carry out a recipe of one document or of several, of which later ones merge the results of earlier ones; those lie
 * beside the output until the end.
 *
 * @throws ForgeError see {@link planMerge} and {@link executeMerge}
 */
export async function mergeRecipe(steps: readonly RecipeStep[], options: MergeOptions): Promise<MergeReport> {
  if (steps.length === 1) return one(steps[0]!, options, { index: 0, count: 1 });
  const files = options.execute.files ?? nodeFileSystem;
  const between = await OutputFolder.create(join(dirname(options.execute.output), 'steps'), files);
  const known = new Map<string, string>();
  const ancestors: CheckpointHashes[] = [];
  try {
    for (const [index, step] of steps.slice(0, -1).entries()) {
      const output = join(between.path, `step-${index + 1}`);
      const settings = {
        plan: { ...options.plan, known },
        execute: { ...options.execute, output, force: false },
      };
      const { parents } = await one(step, { ...options, ...settings }, { index, count: steps.length });
      ancestors.push(...parents);
      known.set(step.name!, output);
    }
    const settings = {
      plan: { ...options.plan, known },
      execute: { ...options.execute, ancestors: withoutResults(ancestors, known) },
    };
    return await one(
      steps.at(-1)!,
      { ...options, ...settings },
      { index: steps.length - 1, count: steps.length },
    );
  } finally {
    await between.discard();
  }
}

async function one(
  { recipe }: RecipeStep,
  { plan: planOptions, execute, onPlan }: MergeOptions,
  step: { readonly index: number; readonly count: number },
): Promise<MergeReport> {
  const plan = await planMerge(recipe, planOptions);
  try {
    await checkDestination(plan, execute);
    onPlan?.(plan, step);
    return await executeMerge(plan, execute);
  } finally {
    await plan.close();
  }
}

/** Models that somebody else made, each once. */
function withoutResults(
  parents: readonly CheckpointHashes[],
  results: ReadonlyMap<string, string>,
): CheckpointHashes[] {
  const models = parents.filter(({ reference }) => !results.has(reference));
  return models.filter(
    (model, i) => models.findIndex(({ reference }) => reference === model.reference) === i,
  );
}
