import { COMMAND } from '../../core/contracts/command.js';
import { ForgeError } from '../../core/errors/index.js';
import type { Kernel } from '../../core/kernel/types.js';

/**
 * A plugin must not take the name of a command of agentforge: it would never be run.
 * @param own names of the commands of agentforge
 * @throws ForgeError AF_PLUGIN_DUPLICATE naming both
 */
export function refuseClashes(kernel: Pick<Kernel, 'names' | 'plugins'>, own: readonly string[]): void {
  for (const name of kernel.names(COMMAND)) {
    if (!own.includes(name)) continue;
    const plugin = kernel.plugins.find(({ implementations }) =>
      implementations.includes(`${COMMAND.id}:${name}`),
    );
    throw new ForgeError(
      'AF_PLUGIN_DUPLICATE',
      `Plugin "${plugin?.name ?? name}" provides command "${name}", and agentforge has a command "${name}" of its own.`,
      {
        at: `plugin ${plugin?.name ?? name}`,
        fix: 'Give the command of the plugin another name, or take the plugin out of the config.',
        facts: { point: COMMAND.id, name, plugins: [plugin?.name ?? null, 'agentforge'] },
      },
    );
  }
}
