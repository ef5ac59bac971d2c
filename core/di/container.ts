import { createRequire } from 'node:module';
import type { DependencyContainer } from 'tsyringe';

// Required: Node searches CommonJS that is imported for its exports, here for longer than running it takes.
const load = createRequire(import.meta.url);
load('reflect-metadata');
const { container: root, instanceCachingFactory } = load('tsyringe') as typeof import('tsyringe');

/** Named lazy singletons of one kernel. The only place that knows tsyringe. */
export interface Container {
  /** @param create called once, on first `get` */
  register(key: string, create: () => unknown): void;
  get(key: string): unknown;
  /** Forget every registration and instance. */
  clear(): void;
}

/** A tsyringe child container: two kernels in one process do not see each other's registrations. */
export function createContainer(): Container {
  const child: DependencyContainer = root.createChildContainer();
  return {
    register: (key, create) => {
      child.register(key, { useFactory: instanceCachingFactory(create) });
    },
    get: (key) => child.resolve(key),
    clear: () => {
      child.reset();
    },
  };
}
