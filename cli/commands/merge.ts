import { Option } from '../commander.js';
import { totalmem } from 'node:os';
import type { Kernel } from '../../core/kernel/types.js';
import { isForgeError } from '../../core/errors/index.js';
import type { FloatDtype, MergePlan } from '../../tools/merge/index.js';
import type { MergeModelsOptions, PreparedMerge } from '../../tools/merge/merge-models.js';
import { formatBytes, styleOf } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import { addConfigFlags, addJsonFlag, parseInteger, type ConfigFlags } from '../config-flags.js';
import { EXIT } from '../exit-codes.js';
import { listenToInterrupts } from '../interrupts.js';
import { parseByteSize } from '../merge/byte-size.js';
import { hashCacheFile } from '../merge/hash-cache.js';
import { withKernel } from '../open-kernel.js';

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
agentforge's own (method, models, base, parameters) as YAML, JSON or a module. Models are folders (./a), or models of
the registry by name, session:name or id. agentforge plugins --point merge lists the methods; those of the config's
plugins count too.`;

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
        const { prepareMerge } = await import('../../tools/merge/merge-models.js');
        const options = mergeOptions(flags, context);
        if (flags.dryRun !== true) return merge(kernel, recipe, options, context);
        const prepared = await prepareMerge(kernel, recipe, context.io.cwd, options);
        return plan(prepared, context).finally(() => prepared.dispose());
      },
    ),
});

function mergeOptions(flags: MergeFlags, { io }: CommandContext): MergeModelsOptions {
  const { output, dtype, seed, maxShardSize: maxShardBytes, force } = flags;
  return { output, dtype, seed, maxShardBytes, force, hashCache: hashCacheFile(io.env) };
}

/** Of several merges the first: the others need its result. */
async function plan({ steps, options }: PreparedMerge, context: CommandContext): Promise<Outcome> {
  const [{ checkDestination, planMerge }, { mergePlanDocument, renderMergePlan }] = await Promise.all([
    import('../../tools/merge/index.js'),
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
  kernel: Kernel,
  recipe: string,
  options: MergeModelsOptions,
  context: CommandContext,
): Promise<Outcome> {
  const [{ mergeModels }, { MergeProgressLine }] = await Promise.all([
    import('../../tools/merge/merge-models.js'),
    import('../merge/progress.js'),
  ]);
  const interrupts = listenToInterrupts(context.io, NOTICE);
  const line = new MergeProgressLine(context.terminal);
  const onPlan = ({ recipe: planned, warnings, memoryBytes }: MergePlan): void => {
    for (const warning of [...warnings, ...memoryWarning(memoryBytes)]) kernel.log.warn(warning);
    line.start(planned.methodName);
  };
  try {
    const report = await mergeModels(kernel, recipe, context.io.cwd, {
      ...options,
      onPlan,
      signal: interrupts.signal,
      onProgress: (progress) => line.update(progress),
    });
    line.close();
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
    const { renderMerge } = await import('../render/merge.js');
    return {
      document: { ok: true, ...report, peakMemoryBytes },
      lasting: true,
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
