import { Option } from 'commander';
import { totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Kernel } from '../../core/kernel/types.js';
import { isForgeError } from '../../errors/index.js';
import type { FloatDtype, MergeOptions, MergePlan, RecipeStep } from '../../recipes/index.js';
import { formatBytes, styleOf } from '../../terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import { addConfigFlags, addJsonFlag, parseInteger, type ConfigFlags } from '../config-flags.js';
import { EXIT } from '../exit-codes.js';
import { listenToInterrupts } from '../interrupts.js';
import { parseByteSize } from '../merge/byte-size.js';
import { hashCacheFile } from '../merge/hash-cache.js';
import { withKernel } from '../open-kernel.js';
import { packageVersion } from '../version.js';

/** `--seed` here seeds the merge, not the configuration. */
interface MergeFlags extends Omit<ConfigFlags, 'seed'> {
  readonly output: string;
  readonly dtype?: FloatDtype;
  readonly seed?: number;
  readonly force?: boolean;
  readonly maxShardSize?: number;
  readonly dryRun?: boolean;
}

const NOTICE = 'Stopping after the tensor at hand; what was written is removed. Ctrl-C again quits at once.';

const EXAMPLES = `
Examples:
  agentforge merge slerp.yml --output merged           a mergekit recipe, paths as seen from here
  agentforge merge recipe.ts -o merged --dtype bfloat16
  agentforge merge ties.yml -o merged --dry-run        compare the models, write nothing

Recipes: mergekit's YAML (merge_method, models or slices, parameters, base_model, dtype, tokenizer_source) or
agentforge's own (method, models, base, parameters) as YAML, JSON or a module. agentforge plugins --point merge lists
the methods; those of the config's plugins count too.`;

export const command = defineCommand<MergeFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .argument('<recipe>', 'what to merge, and how')
      .requiredOption('-o, --output <folder>', 'folder for the merged model; made when it is not there')
      .addOption(
        new Option('--dtype <type>', 'element type of the result, over the recipe').choices([
          'float32',
          'float16',
          'bfloat16',
        ]),
      )
      .option('--seed <number>', 'seed of random methods, over the recipe', parseInteger(0))
      .option('--force', 'replace a model that is in the output folder')
      .option('--max-shard-size <size>', 'most weights in one file (default: 5GB)', parseByteSize)
      .option('--dry-run', 'check everything and print the plan; write nothing')
      .option('-q, --quiet', 'print warnings and errors only')
      .addHelpText('after', EXAMPLES);
  },
  run: (context, flags, [recipe = '']) =>
    withKernel(
      context,
      { flags: { ...flags, seed: undefined }, withoutConfig: 'defaults' },
      async (kernel) => {
        const { loadRecipe } = await import('../merge/load-recipe.js');
        const steps = await loadRecipe(kernel, recipe, context.io.cwd);
        const options = mergeOptions(flags, recipe, context);
        return flags.dryRun === true ? plan(steps, options, context) : merge(steps, options, kernel, context);
      },
    ),
});

function mergeOptions(flags: MergeFlags, recipe: string, { io }: CommandContext): MergeOptions {
  const { dtype, seed, maxShardSize: maxShardBytes } = flags;
  return {
    plan: { folders: [io.cwd, dirname(resolve(io.cwd, recipe))], dtype, seed, maxShardBytes },
    execute: {
      output: resolve(io.cwd, flags.output),
      force: flags.force === true,
      producer: `agentforge ${packageVersion()}`,
      hashCache: hashCacheFile(io.env),
    },
  };
}

/** Of several merges the first: the others need its result. */
async function plan(
  steps: readonly RecipeStep[],
  options: MergeOptions,
  context: CommandContext,
): Promise<Outcome> {
  const [{ checkDestination, planMerge }, { mergePlanDocument, renderMergePlan }] = await Promise.all([
    import('../../recipes/index.js'),
    import('../render/merge.js'),
  ]);
  const planned = await planMerge(steps[0]!.recipe, options.plan);
  try {
    await checkDestination(planned, options.execute);
  } finally {
    await planned.close();
  }
  return {
    document: { ok: true, merges: steps.length, plan: mergePlanDocument(planned) },
    text: () => renderMergePlan(planned, styleOf(context.terminal)),
  };
}

async function merge(
  steps: readonly RecipeStep[],
  options: MergeOptions,
  kernel: Kernel,
  context: CommandContext,
): Promise<Outcome> {
  const [{ mergeRecipe }, { MergeProgressLine }] = await Promise.all([
    import('../../recipes/index.js'),
    import('../merge/progress.js'),
  ]);
  const interrupts = listenToInterrupts(context.io, NOTICE);
  const line = new MergeProgressLine(context.terminal);
  const onPlan = ({ recipe, warnings, memoryBytes }: MergePlan): void => {
    for (const warning of [...warnings, ...memoryWarning(memoryBytes)]) kernel.log.warn(warning);
    line.start(recipe.methodName);
  };
  try {
    const report = await mergeRecipe(steps, {
      ...options,
      onPlan,
      execute: {
        ...options.execute,
        signal: interrupts.signal,
        onProgress: (progress) => line.update(progress),
      },
    });
    line.close();
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
    const { renderMerge } = await import('../render/merge.js');
    return {
      document: { ok: true, ...report, peakMemoryBytes },
      text: () =>
        context.terminal.verbosity === 'quiet'
          ? ''
          : renderMerge(report, peakMemoryBytes, styleOf(context.terminal)),
    };
  } catch (error) {
    line.close();
    if (!isForgeError(error, 'AF_MERGE_INTERRUPTED')) throw error;
    return { document: { ok: false, interrupted: true }, text: () => '', exitCode: EXIT.interrupted, error };
  } finally {
    interrupts.release();
  }
}

function memoryWarning(needed: number): string[] {
  const total = totalmem();
  if (needed <= total) return [];
  return [`The merge may need ${formatBytes(needed)} of memory, and this machine has ${formatBytes(total)}.`];
}
