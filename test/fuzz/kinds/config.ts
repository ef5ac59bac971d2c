import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createKernel } from '../../../core/kernel/create-kernel.js';
import type { Kernel } from '../../../core/kernel/types.js';
import { BUILTIN_PLUGINS } from '../../../plugins/catalogue.js';
import { problemsError } from '../../../core/errors/index.js';
import { PRESETS } from '../../../presets/catalogue.js';
import type { DocumentKind } from '../kind.js';
import { mutateBytes, mutateJson, pick } from '../mutate.js';

const CONFIGS: readonly unknown[] = [
  {
    extends: ['quickstart'],
    seed: 7,
    plugins: ['ties', ['slerp', {}]],
    options: { stories: { count: 40 } },
    phases: {
      cognate: {
        data: { datasets: ['stories', 'arithmetic'], evaluationRows: 4 },
        training: { rows: 4, length: 64 },
        optimizer: { use: 'adamw', options: { learningRate: 0.003 } },
        maxSteps: 20,
      },
      evomerge: { generations: 3, stages: { task: ['breadcrumbs', 'ties'] } },
    },
    cleanup: { auto: false },
    gates: { policy: 'research' },
  },
  {
    pipeline: [['cognate', { maxSteps: 5, specializations: { reasoning: { seed: 1 } } }]],
    engine: 'onnxruntime',
    sinks: ['jsonl'],
    storage: { root: '.agentforge' },
    data: { root: null },
  },
];

/** Configurations: what is accepted is what the resolved configuration shows. */
export const config: DocumentKind = {
  name: 'config',
  open: async (folder) => async (random) => {
    const { document, flaw } = mutateJson(pick(CONFIGS, random), random, () => true);
    const isYaml = random.uniform() < 0.5;
    const text = isYaml ? stringify(document) : JSON.stringify(document);
    const isBroken = random.uniform() < 0.2;
    const bytes = isBroken ? mutateBytes(Buffer.from(text), random) : Buffer.from(text);
    const file = join(folder, isYaml ? 'agentforge.config.yaml' : 'agentforge.config.json');
    await writeFile(file, bytes);
    return {
      bytes,
      read: async () => {
        const kernel = await createKernel({
          ...{ cwd: folder, configPath: file, env: {}, builtins: BUILTIN_PLUGINS, presets: PRESETS },
        });
        try {
          // Options that one plugin has for another are checked where both are known: in the plan of a run.
          const { problems } = await kernel.plan();
          if (problems.length > 0)
            throw problemsError('AF_PLAN_INVALID', 'The run', problems, 'Mend the config.');
        } finally {
          await kernel.dispose();
        }
        return kernel;
      },
      whyWrong: (accepted) => (isBroken ? null : (flaw ?? hidden(document, accepted as Kernel))),
    };
  },
};

/** Something written under `phases` that the resolved options do not show. */
function hidden(document: unknown, kernel: Kernel): string | null {
  const written = (document as { readonly phases?: Readonly<Record<string, unknown>> }).phases ?? {};
  const shown = new Map(kernel.config.pipeline.map(({ name, options }) => [name, options as unknown]));
  const missed = Object.entries(written).flatMap(([name, options]) =>
    shown.has(name) ? differing(options, shown.get(name), name) : [],
  );
  return missed[0] ?? null;
}

function differing(written: unknown, shown: unknown, path: string): string[] {
  if (typeof written === 'object' && written !== null && !Array.isArray(written))
    return Object.entries(written).flatMap(([key, value]) =>
      differing(value, member(shown, key), `${path}.${key}`),
    );
  return JSON.stringify(written) === JSON.stringify(shown)
    ? []
    : [`${path} is not what the configuration shows`];
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
