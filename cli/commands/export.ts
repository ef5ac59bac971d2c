import { styleOf } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand } from '../command.js';
import { addConfigFlags, addJsonFlag, type ConfigFlags } from '../config-flags.js';
import { withProject } from '../open-kernel.js';

interface ExportFlags extends ConfigFlags {
  readonly output: string;
  readonly force?: boolean;
}

const EXAMPLES = `
Examples:
  agentforge export champion --output out          weights, config, tokenizer, metadata and a card
  agentforge generate ./out --prompt 'Once upon'   a folder is a model everywhere`;

export const command = defineCommand<ExportFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .argument('<model>', 'a model: its name (the newest), id, `session:name`, `latest`, or a folder')
      .requiredOption('-o, --output <folder>', 'folder for the model; made when it is not there')
      .option('--force', 'replace a model that is in the output folder')
      .addHelpText('after', EXAMPLES);
  },
  run: (context, flags, [reference = '']) =>
    withProject(context, { flags, withoutConfig: 'defaults' }, async (project) => {
      const report = await project.exportModel(reference, flags);
      return {
        document: { ok: true, ...report },
        lasting: true,
        text: async () => {
          const { renderExport } = await import('../render/export.js');
          return renderExport(report, styleOf(context.terminal));
        },
      };
    }),
});
