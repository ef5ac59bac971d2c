import type { KernelHooks, Logger, Registry, ResolvedConfig, Storage } from '../contracts/index.js';
import type { EventBus } from '../kernel/event-bus.js';
import type { ExtensionPoints } from '../kernel/extension-points.js';
import type { PluginCalls } from '../kernel/plugin-calls.js';
import type { TapClock } from '../kernel/tap-clock.js';
import type { Kernel } from '../kernel/types.js';
import type { Validator } from '../validation/validator.js';

/** What the pipeline needs of the kernel that runs it. */
export interface PipelineCore {
  readonly config: ResolvedConfig;
  readonly configHash: string;
  /** The part of the config that can change a result. */
  readonly relevant: Readonly<Record<string, unknown>>;
  readonly paths: Kernel['paths'];
  readonly layers: Kernel['layers'];
  readonly hooks: KernelHooks;
  readonly bus: EventBus;
  readonly points: ExtensionPoints;
  readonly validator: Validator;
  readonly clock: TapClock;
  readonly calls: PluginCalls;
  /** What went wrong in taps that stop nothing, to be taken and told. */
  readonly troubles: Error[];
  readonly log: Logger;
  /** Names of the sinks to open. */
  readonly sinks: readonly string[];
  /** Plugins that the config lists, with what they provide as `point:name`. */
  readonly listed: readonly { readonly name: string; readonly implementations: readonly string[] }[];
  readonly machine: () => { readonly totalMemory: number; readonly availableMemory: number };
  storage(): Promise<Storage>;
  registry(): Promise<Registry>;
}
