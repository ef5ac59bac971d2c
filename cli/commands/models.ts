import type { Kernel } from '../../core/kernel/types.js';
import { styleOf } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import { addConfigFlags, addJsonFlag, parseInteger, type ConfigFlags } from '../config-flags.js';
import { findModel } from '../../tools/models/find-model.js';
import { lineageOf } from '../../tools/models/lineage.js';
import { withKernel } from '../open-kernel.js';
import { modelDocument } from '../report/model-document.js';

interface ModelsFlags extends ConfigFlags {
  readonly phase?: string;
  readonly session?: string;
  readonly search?: string;
  readonly limit: number;
}

const DEFAULT_LIMIT = 100;

export const command = defineCommand<ModelsFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .argument('[model]', 'show one: its name (the newest), id, `session:name` or `latest`')
      .option('--phase <name>', 'models that this phase made')
      .option('--session <id>', 'models of this session')
      .option('--search <text>', 'models whose id or name contains the text')
      .option('--limit <number>', 'most models listed', parseInteger(1), DEFAULT_LIMIT);
  },
  run: (context, flags, [model]) =>
    withKernel(context, { flags, scope: 'storage', withoutConfig: 'defaults' }, (kernel) =>
      model === undefined ? list(kernel, flags, context) : show(kernel, model, context),
    ),
});

async function list(kernel: Kernel, flags: ModelsFlags, context: CommandContext): Promise<Outcome> {
  const { phase, session, search, limit } = flags;
  const registry = await kernel.registry();
  const { artifacts } = await kernel.storage();
  const models = (await registry.models({ phase, session, search, limit })).map((model) =>
    modelDocument(model, artifacts),
  );
  return {
    document: { models },
    text: async () => {
      const { renderModels } = await import('../render/models.js');
      return renderModels(models, styleOf(context.terminal));
    },
  };
}

async function show(kernel: Kernel, query: string, context: CommandContext): Promise<Outcome> {
  const registry = await kernel.registry();
  const { artifacts } = await kernel.storage();
  const model = await findModel(registry, query);
  const details = {
    ...modelDocument(model, artifacts),
    config: model.config,
    lineage: await lineageOf(registry, model),
  };
  return {
    document: details,
    text: async () => {
      const { renderModel } = await import('../render/models.js');
      return renderModel(details, { style: styleOf(context.terminal), cwd: context.io.cwd });
    },
  };
}
