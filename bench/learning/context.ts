import { ENGINE, type Engine } from '../../core/contracts/engine.js';
import type { PhaseContext } from '../../core/contracts/phase.js';
import type { Plugin } from '../../core/contracts/plugin.js';
import { createKernel } from '../../core/index.js';
import type { Kernel } from '../../core/kernel/types.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import { quietContextOf } from '../quiet-context.js';

/** A kernel with built-in plugins and those of a task, and an engine: what learning needs, without a session. */
export interface Bench {
  readonly kernel: Kernel;
  readonly engine: Engine;
  /** @param seed of weights, data order and generated data */
  context(seed: number): Promise<PhaseContext>;
  dispose(): Promise<void>;
}

/**
 * @param cwd folder whose storage keeps tokenizers and splits
 * @param threads of the CPU engine; null: its default
 */
export async function openBench(
  cwd: string,
  plugins: readonly Plugin[],
  threads: number | null,
): Promise<Bench> {
  const config = { pipeline: ['cognate'], sinks: [], plugins: [...plugins] };
  const kernel = await createKernel({ cwd, builtins: BUILTIN_PLUGINS, config });
  const resolved =
    threads === null ? kernel.resolve(ENGINE) : kernel.resolve(ENGINE, 'onnxruntime', { threads });
  const engine = await resolved.open();
  return {
    kernel,
    engine,
    context: (seed) => quietContextOf(kernel, { engine, seed, phase: 'cognate' }),
    dispose: async () => {
      await engine.dispose();
      await kernel.dispose();
    },
  };
}
