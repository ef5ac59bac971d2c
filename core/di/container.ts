import 'reflect-metadata';
import { container as root, instanceCachingFactory, type DependencyContainer } from 'tsyringe';

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
