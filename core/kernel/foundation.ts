import type { KernelHooks, Logger } from '../contracts/index.js';
import type { Validator } from '../validation/validator.js';
import { EventBus } from './event-bus.js';
import { ExtensionPoints } from './extension-points.js';
import { createHooks } from './hooks.js';
import { PATIENCE_MS, PluginCalls } from './plugin-calls.js';
import { TapClock } from './tap-clock.js';
import type { CreateKernelOptions } from './types.js';

/** What a kernel stands on before any plugin is applied. */
export interface Foundation {
  readonly validator: Validator;
  readonly clock: TapClock;
  /** What plugins are doing right now. */
  readonly calls: PluginCalls;
  readonly hooks: KernelHooks;
  readonly bus: EventBus;
  readonly points: ExtensionPoints;
  readonly logger: (source: string) => Logger;
  /** Errors of `onDone` and `onDispose` taps, which stop nothing; told when all is over. */
  readonly troubles: Error[];
  /** Which implementation a nameless `resolve` gives, by point id. */
  preferred: Readonly<Record<string, string | undefined>>;
}

/** Hooks, event bus and an empty container; tsyringe is loaded here. */
export async function createFoundation(
  options: Pick<CreateKernelOptions, 'onEvent' | 'patienceMs'>,
  validator: Validator,
): Promise<Foundation> {
  const { createContainer } = await import('../di/container.js');
  const clock = new TapClock();
  const troubles: Error[] = [];
  const calls = new PluginCalls({
    patienceMs: options.patienceMs ?? PATIENCE_MS,
    onSlow: (message, { plugin }) => bus.logger('kernel').warn(message, { plugin }),
  });
  const hooks = createHooks({
    clock,
    calls,
    onTrouble: (hook, error) => {
      if (hook !== 'onEvent') troubles.push(error);
      else bus.logger('kernel').warn(`${error.message.replace(/[.]?$/, '.')} The tap is switched off.`);
    },
  });
  const bus = new EventBus(hooks, options.onEvent);
  const points: ExtensionPoints = new ExtensionPoints(createContainer(), () => foundation.preferred, calls);
  const foundation: Foundation = {
    validator,
    clock,
    calls,
    hooks,
    bus,
    points,
    logger: (source) => bus.logger(source),
    troubles,
    preferred: {},
  };
  return foundation;
}
