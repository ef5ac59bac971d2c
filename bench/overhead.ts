import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePlugin } from '../core/contracts/plugin.js';
import { TERMINAL } from '../core/contracts/terminal.js';
import { createKernel } from '../core/index.js';
import type { RunReport } from '../core/kernel/types.js';
import { BUILTIN_PLUGINS } from '../plugins/catalogue.js';
import { PRESETS } from '../presets/catalogue.js';
import { terminalOf } from '../plugins/sinks/console/terminal/index.js';

/** Updates per model: enough for several evaluations and checkpoints, the costly events. */
const STEPS = 90;

/**
 * `agentforge bench overhead`: what the pipeline, hooks, sinks and logging cost beside the training they surround.
 * Runs the quickstart for a while in a folder of its own, with the console sink drawing on stderr and the JSONL sink
 * writing to disk; the kernel measures its own time (the sums are upper bounds, see OverheadReport).
 */
export async function run(say: (line: string) => void): Promise<Readonly<Record<string, unknown>>> {
  const folder = await mkdtemp(join(tmpdir(), 'agentforge-bench-'));
  try {
    say(`the quickstart with ${STEPS} updates per model`);
    const { status, overhead, error } = await quickstartIn(folder);
    if (error !== null) throw error;
    return { status, updatesPerModel: STEPS, limit: 0.01, ...overhead };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function quickstartIn(folder: string): Promise<RunReport> {
  const kernel = await createKernel({
    cwd: folder,
    preset: 'quickstart',
    presets: PRESETS,
    builtins: [
      ...BUILTIN_PLUGINS,
      { name: 'terminal', point: TERMINAL.id, load: () => Promise.resolve(onStderr) },
    ],
    overrides: [
      { path: 'storage.root', value: folder },
      { path: 'phases.cognate.maxSteps', value: STEPS },
    ],
  });
  try {
    return await kernel.run();
  } finally {
    await kernel.dispose();
  }
}

const onStderr = definePlugin({
  name: 'terminal',
  provides: [TERMINAL.id],
  apply: (forge) => forge.provide(TERMINAL, 'terminal', () => terminalOf(process.stderr, process.env)),
});
