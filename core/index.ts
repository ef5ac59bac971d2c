/**
 * The public surface of `agentforge`: contracts and typed factories for plugins, `defineConfig`, errors, and the
 * kernel itself. Nothing heavy is loaded before a kernel is created.
 */
import type { CreateKernelOptions, Kernel } from './kernel/types.js';

export { Type, type Static, type TSchema } from '@sinclair/typebox';
export * from './contracts/index.js';
export * from './errors/index.js';
export { parseOverride } from './config/overrides.js';
export type {
  BuiltinCatalogue,
  BuiltinPlugin,
  ConfigLayer,
  ConfigOverride,
  CreateKernelOptions,
  Kernel,
  OverheadReport,
  PhasePlanReport,
  PhaseReport,
  PhaseSelection,
  PluginListing,
  PresetCatalogue,
  RollbackReport,
  RunOptions as PipelineRunOptions,
  RunPlan,
  RunReport,
  TapTiming,
} from './kernel/types.js';

/**
 * Boot a bare kernel: find, load and merge the config, load, check and order the plugins, apply them. It knows no plugin
 * and no preset but those it is given. `openProject` is what programs want: it brings those of this package.
 *
 * @example
 * const kernel = await createKernel({ cwd: process.cwd(), config: { plugins: [mine()], pipeline: ['mine'] }, builtins });
 * try {
 *   const report = await kernel.run();
 * } finally {
 *   await kernel.dispose();
 * }
 *
 * @throws ForgeError AF_CONFIG_NOT_FOUND, AF_CONFIG_LOAD, AF_CONFIG_INVALID with every problem, AF_PLUGIN_CYCLE,
 * AF_PLUGIN_APPLY, AF_PLUGIN_DUPLICATE, AF_PLUGIN_HOOK
 */
export async function createKernel(options: CreateKernelOptions): Promise<Kernel> {
  const kernel = await import('./kernel/create-kernel.js');
  return kernel.createKernel(options);
}
