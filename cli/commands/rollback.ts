import { defineCommand } from '../command.js';
import { addConfigFlags, addJsonFlag, type ConfigFlags } from '../config-flags.js';
import { withKernel } from '../open-kernel.js';

interface RollbackFlags extends ConfigFlags {
  readonly to: string;
}

export const command = defineCommand<RollbackFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .argument('<session>', 'id of the session')
      .requiredOption('--to <phase>', 'the phase whose result becomes the newest one')
      .addHelpText(
        'after',
        '\nLater phases lose their checkpoints; agentforge run --resume <session> repeats them.',
      );
  },
  run: (context, flags, [session = '']) =>
    withKernel(context, { flags }, async (kernel) => {
      const report = await kernel.rollback(session, flags.to);
      const undone =
        report.rolledBack.length === 0 ? 'nothing to undo' : `undone: ${report.rolledBack.join(', ')}`;
      return {
        document: report,
        lasting: true,
        text: () =>
          `Session ${report.sessionId} is back at the end of ${report.toPhase}; ${undone}.\n` +
          `Go on with: agentforge run --resume ${report.sessionId}\n`,
      };
    }),
});
