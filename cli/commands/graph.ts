import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PHASE } from '../../core/contracts/phase.js';
import type { Kernel } from '../../core/kernel/types.js';
import { ForgeError } from '../../core/errors/index.js';
import { defineCommand } from '../command.js';
import { addConfigFlags, addJsonFlag, type ConfigFlags } from '../config-flags.js';
import { withKernel } from '../open-kernel.js';
import { pipelineDot, type GraphFacts } from '../render/dot.js';

interface GraphFlags extends ConfigFlags {
  readonly output?: string;
}

export const command = defineCommand<GraphFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .option('-o, --output <file>', 'write to a file instead of stdout')
      .addHelpText('after', '\nDraw it with GraphViz: agentforge graph | dot -Tsvg -o pipeline.svg');
  },
  run: (context, flags) =>
    withKernel(context, { flags }, async (kernel) => {
      const facts = factsOf(kernel);
      const dot = pipelineDot(facts);
      if (flags.output === undefined) return { document: { ...facts, dot }, text: () => dot };
      const file = resolve(context.io.cwd, flags.output);
      await write(file, dot);
      return { document: { ...facts, file }, text: () => `Wrote ${flags.output ?? file}.\n` };
    }),
});

function factsOf(kernel: Kernel): GraphFacts {
  const phases = kernel.config.pipeline.map(({ name }) => {
    const { title, input, output } = kernel.resolve(PHASE, name);
    return { name, title, input: schemaName(input), output: schemaName(output) };
  });
  const used = new Set(phases.map((phase) => phase.name));
  const plugins = kernel.plugins.flatMap(({ name, provides }) =>
    provides.filter((point) => point !== PHASE.id || used.has(name)).map((point) => ({ name, point })),
  );
  return { phases, plugins: plugins.filter(({ point }) => !INTERNAL_POINTS.includes(point)) };
}

const INTERNAL_POINTS = ['terminal'];

interface HandoffSchema {
  readonly $id?: unknown;
  readonly title?: unknown;
  readonly properties?: { readonly schema?: { readonly const?: unknown } };
}

/** Which handoff a schema describes: what its documents carry as `schema`, else its own id or title. */
function schemaName(schema: HandoffSchema | null): string | null {
  if (schema === null) return null;
  const names = [schema.properties?.schema?.const, schema.$id, schema.title];
  return names.find((name) => typeof name === 'string') ?? 'unnamed';
}

async function write(file: string, dot: string): Promise<void> {
  try {
    await writeFile(file, dot);
  } catch (cause) {
    throw new ForgeError('AF_STORAGE_IO', 'The graph could not be written.', {
      at: file,
      cause,
      fix: 'Choose an --output in a folder that exists and can be written.',
    });
  }
}
