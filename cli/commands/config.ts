import { TERMINAL } from '../../core/contracts/terminal.js';
import { ForgeError } from '../../core/errors/index.js';
import type { Kernel } from '../../core/kernel/types.js';
import { formatValue, plural, styleOf, type Style } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import { addConfigFlags, addJsonFlag, type ConfigFlags } from '../config-flags.js';
import { EXIT } from '../exit-codes.js';
import { withKernel } from '../open-kernel.js';
import { problemLines } from '../render/error.js';
import { shownPath } from '../render/paths.js';

interface ConfigCommandFlags extends ConfigFlags {
  readonly explain?: string | true;
  readonly validate?: boolean;
  readonly schema?: boolean;
}

export const command = defineCommand<ConfigCommandFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .option('--explain [path]', 'each value (below the path) and the layer that set it')
      .option('--validate', 'check everything that can be checked without starting a run')
      .option('--schema', 'JSON Schema of a config with the plugins of this one, for editors');
  },
  run: (context, flags) =>
    withKernel(context, { flags }, (kernel) => {
      if (flags.validate === true) return validate(kernel, context);
      if (flags.schema === true) return schema(kernel);
      if (flags.explain !== undefined)
        return explain(kernel, flags.explain === true ? '' : flags.explain, context);
      return show(kernel);
    }),
});

async function show(kernel: Kernel): Promise<Outcome> {
  const { config, configHash, configFile, layers } = kernel;
  return {
    document: { config, configHash, configFile, layers },
    text: async () => (await import('yaml')).stringify(config),
  };
}

async function schema({ plugins }: Kernel): Promise<Outcome> {
  const { configFileSchema } = await import('../../core/config/file-schema.js');
  const document = configFileSchema(plugins.filter(({ provides }) => !provides.includes(TERMINAL.id)));
  return { document, text: () => `${JSON.stringify(document, null, 2)}\n` };
}

async function validate(kernel: Kernel, context: CommandContext): Promise<Outcome> {
  const { problems, warnings } = await kernel.plan();
  const style = styleOf(context.terminal);
  const from =
    kernel.configFile === null ? 'The configuration' : shownPath(kernel.configFile, context.io.cwd);
  const ok = problems.length === 0;
  return {
    document: { ok, configFile: kernel.configFile, configHash: kernel.configHash, problems, warnings },
    text: () =>
      ok
        ? `${from} is valid: ${plural(kernel.config.pipeline.length, 'phase')}, ${plural(kernel.plugins.length, 'plugin')}.\n`
        : `${from} cannot run as it is.\n${problemLines(problems, style).join('\n')}\n`,
    exitCode: ok ? EXIT.ok : EXIT.usage,
  };
}

/** All that the config mentions; of a path, also what no layer says anything about. */
async function explain(kernel: Kernel, path: string, context: CommandContext): Promise<Outcome> {
  const { explainConfig, nearestPath, valuesAt } = await import('../../core/config/explain.js');
  const mentioned = new Set([...kernel.config.plugins, ...kernel.config.pipeline].map(({ name }) => name));
  const all = explainConfig(kernel);
  const values =
    path === ''
      ? explainConfig({ ...kernel, plugins: kernel.plugins.filter(({ name }) => mentioned.has(name)) })
      : valuesAt(all, path);
  if (values.length === 0) throw unknownPath(path, nearestPath(path, all));
  return { document: { values }, text: () => renderLeaves(values, styleOf(context.terminal)) };
}

async function renderLeaves(
  leaves: readonly { readonly path: string; readonly value: unknown; readonly layer: string }[],
  style: Style,
): Promise<string> {
  const { renderTable } = await import('../render/table.js');
  const columns = ['path', 'value', 'set by'].map((title) => ({ title, fit: 'wrap' as const }));
  return renderTable(
    columns,
    leaves.map(({ path, value, layer }) => [path, formatValue(value), layer]),
    style,
  );
}

function unknownPath(path: string, suggestion: string | undefined): ForgeError {
  return new ForgeError('AF_USAGE', `The configuration has no "${path}".`, {
    at: `--explain ${path}`,
    fix: `${suggestion === undefined ? '' : `Did you mean ${suggestion}? `}agentforge config --explain lists every path.`,
    facts: { path, suggestion: suggestion ?? null },
  });
}
