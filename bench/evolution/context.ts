import { ENGINE, type Engine } from '../../core/contracts/engine.js';
import type { Handoff } from '../../core/contracts/handoff.js';
import type { PhaseContext } from '../../core/contracts/phase.js';
import type { Overrides } from '../../core/contracts/plugin.js';
import { createKernel } from '../../core/index.js';
import type { Kernel } from '../../core/kernel/types.js';
import { readDocument } from '../../core/pipeline/session/documents.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import { PRESETS } from '../../presets/catalogue.js';
import { quietContextOf } from '../quiet-context.js';

/** A kernel that runs the quickstart, and the newest models in its storage that can be merged. */
export interface Bench {
  readonly kernel: Kernel;
  readonly handoff: Handoff;
  readonly engine: Engine;
  dispose(): Promise<void>;
}

/** Open the storage of the folder; models are trained first where there are none. */
export async function openBench(cwd: string, say: (line: string) => void): Promise<Bench> {
  const config = { pipeline: ['cognate', 'evomerge'], sinks: [] };
  const kernel = await createKernel({
    cwd,
    preset: 'quickstart',
    presets: PRESETS,
    builtins: BUILTIN_PLUGINS,
    config,
  });
  let { input } = await kernel.plan({ phase: 'evomerge' });
  if (input === null) {
    say('no models to merge yet: training three');
    const { error } = await kernel.run({ phase: 'cognate' });
    if (error !== null) throw error;
    ({ input } = await kernel.plan({ phase: 'evomerge' }));
  }
  const { artifacts } = await kernel.storage();
  const handoff = await readDocument<Handoff>(artifacts, input!.document, 'handoff.json');
  const engine = await kernel.resolve(ENGINE).open();
  const dispose = async (): Promise<void> => {
    await engine.dispose();
    await kernel.dispose();
  };
  return { kernel, handoff, engine, dispose };
}

/** The context that a search runs in. @param overrides options by the name of what is resolved */
export function quietContext(
  { kernel, engine }: Bench,
  seed: number,
  overrides: Readonly<Record<string, Overrides>> = {},
): Promise<PhaseContext> {
  return quietContextOf(kernel, { engine, seed, phase: 'evomerge', overrides });
}
