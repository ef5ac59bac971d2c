import type { CleanupPlan, CleanupPolicy, CleanupResult, Storage } from '../../core/contracts/storage.js';
import type { Kernel } from '../../core/kernel/types.js';
import { ForgeError } from '../../core/errors/index.js';
import { styleOf } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import { addConfigFlags, addJsonFlag, parseNumber, type ConfigFlags } from '../config-flags.js';
import { withKernel } from '../open-kernel.js';

interface CleanFlags extends ConfigFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly age?: number;
  readonly failed?: boolean;
  readonly all?: boolean;
  readonly grace?: number;
}

const HELP = `
Nothing is removed without --yes: the plan is printed. Running, paused, pinned and locked sessions always stay
(agentforge pin <session> pins one). Without flags the policy of the config (cleanup.*) decides.`;

export const command = defineCommand<CleanFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .option('-y, --yes', 'remove what the plan says')
      .option('--dry-run', 'print the plan only, even with --yes')
      .option('--age <days>', 'sessions that ended at least so many days ago', parseNumber(0, Infinity))
      .option('--failed', 'failed and interrupted sessions alone, of any age without --age')
      .option('--all', 'every session that may go')
      .option(
        '--grace <hours>',
        'keep files that nothing refers to so long (default: 24); 0 when nothing else runs',
        parseNumber(0, Infinity),
      )
      .addHelpText('after', HELP);
  },
  run: (context, flags) =>
    withKernel(context, { flags, scope: 'storage', withoutConfig: 'defaults' }, (kernel) =>
      clean(kernel, flags, context),
    ),
});

async function clean(kernel: Kernel, flags: CleanFlags, context: CommandContext): Promise<Outcome> {
  const storage = cleaningStorage(await kernel.storage());
  const registry = await kernel.registry();
  const plan = await storage.planCleanup(registry, policyOf(flags, kernel.config.cleanup));
  const apply = flags.yes === true && flags.dryRun !== true;
  const result = apply ? await storage.applyCleanup(plan, registry) : null;
  return {
    document: { applied: apply, plan, result },
    lasting: apply,
    text: () => render(plan, result, context),
  };
}

/** What the flags say over what the config says. */
export function policyOf(flags: CleanFlags, config: CleanupPolicy): CleanupPolicy {
  return { ...agesOf(flags, config), ...(flags.grace === undefined ? {} : { graceHours: flags.grace }) };
}

function agesOf(flags: CleanFlags, config: CleanupPolicy): CleanupPolicy {
  const { completedDays, failedDays, maxSessions } = config;
  if (flags.all === true)
    return { completedDays: flags.age ?? 0, failedDays: flags.age ?? 0, maxSessions: Infinity };
  if (flags.failed === true)
    return { completedDays: Infinity, failedDays: flags.age ?? 0, maxSessions: Infinity };
  if (flags.age !== undefined)
    return { completedDays: flags.age, failedDays: flags.age, maxSessions: Infinity };
  return { completedDays, failedDays, maxSessions };
}

type CleaningStorage = Storage & Required<Pick<Storage, 'planCleanup' | 'applyCleanup'>>;

function cleaningStorage(storage: Storage): CleaningStorage {
  if ('planCleanup' in storage && 'applyCleanup' in storage) return storage as CleaningStorage;
  throw new ForgeError('AF_USAGE', 'The configured storage keeps nothing that could be cleaned up.', {
    at: 'storage',
    fix: 'Use the means of that storage itself.',
  });
}

async function render(
  plan: CleanupPlan,
  result: CleanupResult | null,
  context: CommandContext,
): Promise<string> {
  const { renderCleanup } = await import('../render/cleanup.js');
  return renderCleanup(plan, result, styleOf(context.terminal));
}
