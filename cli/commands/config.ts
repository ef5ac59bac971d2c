import { ForgeError, nearest } from '../../errors/index.js';
import type { Kernel } from '../../core/kernel/types.js';
import { formatValue, plural, styleOf, type Style } from '../../terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import { addConfigFlags, addJsonFlag, type ConfigFlags } from '../config-flags.js';
import { EXIT } from '../exit-codes.js';
import { withKernel } from '../open-kernel.js';
import { problemLines } from '../render/error.js';
import { shownPath } from '../render/paths.js';
import { leavesOf } from '../render/leaves.js';

interface ConfigCommandFlags extends ConfigFlags {
  readonly explain?: string | true;
  readonly validate?: boolean;
}

export const command = defineCommand<ConfigCommandFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .option('--explain [path]', 'each value (below the path) and the layer that set it')
      .option('--validate', 'check everything that can be checked without starting a run');
  },
  run: (context, flags) =>
    withKernel(context, { flags }, (kernel) => {
      if (flags.validate === true) return validate(kernel, context);
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

async function explain(kernel: Kernel, path: string, context: CommandContext): Promise<Outcome> {
  const leaves = leavesOf(kernel.config).map((leaf) => ({
    ...leaf,
    layer: layerOf(kernel.provenance, leaf.path),
  }));
  const wanted = leaves.filter((leaf) => path === '' || leaf.path === path || isBelow(leaf.path, path));
  if (wanted.length === 0)
    throw unknownPath(
      path,
      leaves.map((leaf) => leaf.path),
    );
  return {
    document: { values: wanted },
    text: () => renderLeaves(wanted, styleOf(context.terminal)),
  };
}

async function renderLeaves(
  leaves: readonly { readonly path: string; readonly value: unknown; readonly layer: string }[],
  style: Style,
): Promise<string> {
  const { renderTable } = await import('../render/table.js');
  const columns = ['path', 'value', 'set by'].map((title) => ({ title }));
  return renderTable(
    columns,
    leaves.map(({ path, value, layer }) => [path, formatValue(value), layer]),
    style,
  );
}

/** The layer that set a value, or the nearest value above it that a layer set as a whole. */
function layerOf(provenance: Readonly<Record<string, string>>, path: string): string {
  for (let at = path; at !== ''; at = at.replace(/(\.[^.[\]]*|\[[^\]]*\]|^[^.[]*)$/, '')) {
    const layer = provenance[at];
    if (layer !== undefined) return layer;
  }
  return 'defaults';
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(`${above}.`) || path.startsWith(`${above}[`);
}

function unknownPath(path: string, known: readonly string[]): ForgeError {
  const suggestion = nearest(path, known);
  return new ForgeError('AF_USAGE', `The configuration has no "${path}".`, {
    at: `--explain ${path}`,
    fix: `${suggestion === undefined ? '' : `Did you mean ${suggestion}? `}agentforge config --explain lists every path.`,
    facts: { path, suggestion: suggestion ?? null },
  });
}
