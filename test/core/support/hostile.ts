import type { TSchema } from '@sinclair/typebox';
import {
  definePhase,
  definePlugin,
  defineSink,
  type Forge,
  type Phase,
  type Plugin,
  type Sink,
} from '../../../core/contracts/index.js';
import { createTestKernel, type TestKernel, type TestKernelOptions } from '../../../testing/kernel.js';
import { countingPhase, resultOf, script } from './toys.js';

export const NEVER = (): Promise<never> => new Promise(() => undefined);
/** As Node does when nothing is left to do. */
export const exitSoon = (): void => void setImmediate(() => process.emit('beforeExit', 0));
export const stuck = (): Promise<never> => {
  exitSoon();
  return NEVER();
};
export const fails = (): Promise<never> => Promise.reject(new Error('no luck'));
export const rubbish = (value: unknown): never => value as never;

/** Kernels with a phase that counts, disposed of after each test of the file that asks for this. */
export function hostileKernels(): (options: TestKernelOptions) => Promise<TestKernel> {
  const tests: TestKernel[] = [];
  afterEach(async () => {
    await Promise.all(tests.splice(0).map((test) => test.dispose().catch(() => undefined)));
    expect(process.listenerCount('beforeExit')).toBe(0);
  });
  return async (options) => {
    const test = await createTestKernel({
      pipeline: [countingPhase('only', script(), { first: true })({ steps: 1 })],
      ...options,
    });
    tests.push(test);
    return test;
  };
}

export function plugin(apply: (forge: Forge) => void | Promise<void>): Plugin {
  return definePlugin({ name: 'hostile', apply })();
}

export function sink(parts: Partial<Record<keyof Sink | 'dispose', unknown>>): Plugin {
  return defineSink({ name: 'hostile', create: () => ({ write: () => undefined, ...parts }) as Sink })();
}

export function phase(parts: Partial<Record<keyof Phase, unknown>>, name = 'hostile'): Plugin {
  const sound = {
    title: 'H',
    input: null,
    output: null,
    metrics: [],
    gates: [],
    run: async () => resultOf(),
  };
  return definePhase({ name, create: () => ({ ...sound, ...parts }) as Phase })();
}

export function schemaPlugin(schema: object): Plugin {
  const make = definePlugin({ name: 'hostile', options: schema as TSchema, apply: () => undefined });
  return make({} as never);
}
