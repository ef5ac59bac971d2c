import type { Kernel } from '../../core/kernel/types.js';
import { ForgeError } from '../../core/errors/index.js';
import { printable, styleOf, wrap, type Style } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand, type CommandContext } from '../command.js';
import { addConfigFlags, addJsonFlag, type ConfigFlags } from '../config-flags.js';
import type { Check } from '../doctor/check.js';
import { EXIT } from '../exit-codes.js';
import { openKernel } from '../open-kernel.js';

export const command = defineCommand<ConfigFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command)).addHelpText(
      'after',
      '\nExits 1 when something that is needed is missing.',
    );
  },
  async run(context, flags) {
    const { kernel, error } = await openAnyhow(context, flags);
    try {
      const { diagnose } = await import('../doctor/diagnose.js');
      const checks = await diagnose(kernel, error, context.io.cwd);
      const ok = checks.every((check) => check.status !== 'failed');
      return {
        document: { ok, checks },
        text: () => render(checks, styleOf(context.terminal)),
        exitCode: ok ? EXIT.ok : EXIT.failed,
      };
    } finally {
      await kernel.dispose();
    }
  },
});

/** A broken config is one of the findings: look at the rest of the machine with the defaults. */
async function openAnyhow(
  context: CommandContext,
  flags: ConfigFlags,
): Promise<{ kernel: Kernel; error: ForgeError | null }> {
  try {
    return { kernel: await openKernel(context, { flags, withoutConfig: 'defaults' }), error: null };
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    return { kernel: await openKernel(context, { flags: {}, config: {} }), error };
  }
}

function render(checks: readonly Check[], style: Style): string {
  const width = Math.max(...checks.map((check) => check.name.length));
  const paint = { ok: style.green, warning: style.yellow, missing: style.dim, failed: style.red };
  const lines = checks.map(({ name, status, detail, fix }) => {
    const head = `${paint[status](status.padEnd(7))}  ${name.padEnd(width)}  `;
    const margin = ' '.repeat(width + 11);
    const room = style.columns - margin.length;
    const lines = wrap(printable(detail), room);
    const [first = '', ...more] = fix === undefined ? [] : wrap(`fix ${printable(fix)}`, room);
    if (first !== '') lines.push(first.replace('fix', style.cyan('fix')), ...more);
    return head + lines.map((line, i) => (i === 0 ? line : margin + line)).join('\n');
  });
  return `${lines.join('\n')}\n`;
}
