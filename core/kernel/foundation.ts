import type { KernelHooks, Logger } from '../../contracts/index.js';
import type { Validator } from '../validation/validator.js';
import { EventBus } from './event-bus.js';
import { ExtensionPoints } from './extension-points.js';
import { createHooks } from './hooks.js';
import { TapClock } from './tap-clock.js';
import type { CreateKernelOptions } from './types.js';

/** What a kernel stands on before any plugin is applied. */
export interface Foundation {
  readonly validator: Validator;
  readonly clock: TapClock;
  readonly hooks: KernelHooks;
  readonly bus: EventBus;
  readonly points: ExtensionPoints;
  readonly logger: (source: string) => Logger;
  /** Errors of `onDispose` taps, which stop nothing; told when all is released. */
  readonly troubles: Error[];
  /** Which implementation a nameless `resolve` gives, by point id. */
  preferred: Readonly<Record<string, string | undefined>>;
}

/** Hooks, event bus and an empty container; tsyringe is loaded here. */
export async function createFoundation(
  options: Pick<CreateKernelOptions, 'onEvent'>,
  validator: Validator,
): Promise<Foundation> {
  const { createContainer } = await import('../di/container.js');
  const clock = new TapClock();
  const troubles: Error[] = [];
  const hooks = createHooks({
    clock,
    onTrouble: (hook, error) => {
      if (hook === 'onDispose') troubles.push(error);
      else bus.logger('kernel').warn(`${error.message} The tap is switched off.`);
    },
  });
  const bus = new EventBus(hooks, options.onEvent);
  const points: ExtensionPoints = new ExtensionPoints(createContainer(), () => foundation.preferred);
  const foundation: Foundation = {
    validator,
    clock,
    hooks,
    bus,
    points,
    logger: (source) => bus.logger(source),
    troubles,
    preferred: {},
  };
  return foundation;
}
